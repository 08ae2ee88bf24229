using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Tars.Evolution.Search;
using Tars.Evolution.Store;

namespace Tars.Host.Evolving;

/// <summary>What candidates cost, in a file that every run of the same module by the same judge adds to.</summary>
/// <remarks>
/// The file is named by the hash of the module, of all files that it needs, and of the program that runs them, so that
/// nothing is taken for what it is not. A line that is not whole, as a killed run leaves one, is cut off with what
/// follows it.
///
/// Invariants:
///   I1  A score that is found was added under the same code, octet for octet.
///   I2  Losing the file costs time and changes no answer.
/// </remarks>
public sealed class ScoreFile : IScoreMemory, IDisposable
{
    private const int KeyDigits = 32;
    private const int CheckDigits = 8;
    private const string Ending = ".scores";
    private const string Own = "Tars.";
    private const string Whole = "w";
    private const string Void = "v";
    private const string Partial = "p";

    private readonly FileStream _file;
    private readonly Dictionary<string, CandidateScore> _scores = new(StringComparer.Ordinal);

    private ScoreFile(FileStream file) => _file = file;

    /// <summary>Opens the file of a judge in a folder, which is made when it is not there.</summary>
    /// <returns>Null, with why: a search can do without.</returns>
    public static ScoreFile? Open(string folder, VersionId judge, out string why)
    {
        why = "";
        try
        {
            Directory.CreateDirectory(folder);
            string name = VersionId.Of($"{judge} {string.Join(' ', Harness())}").ToString()[..KeyDigits] + Ending;
            DropOldest(folder, name);
            var file = new FileStream(
                Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var scores = new ScoreFile(file);
            scores.Load();
            return scores;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = File.Exists(folder) ? "where scores are remembered is a file"
                : e is UnauthorizedAccessException ? "no right to use the folder of scores"
                : Directory.Exists(folder) ? "another run of this module has the scores, or the disk fails"
                : "the folder of scores cannot be made";
            return null;
        }
    }

    public CandidateScore? Find(string code) => _scores.GetValueOrDefault(KeyOf(code));

    /// <summary>What the disk does not take is remembered for this run alone.</summary>
    public void Add(IEnumerable<KeyValuePair<string, CandidateScore>> scores)
    {
        var lines = new StringBuilder();
        foreach (var (code, score) in scores)
        {
            string key = KeyOf(code);
            if (!_scores.TryGetValue(key, out var known) || known.Costs.Length <= score.Costs.Length)
            {
                _scores[key] = score;
                lines.Append(LineOf(key, score)).Append('\n');
            }
        }

        if (Limits.ScoreFileBytesMax < _file.Length + lines.Length)
        {
            return;
        }

        try
        {
            _file.Write(Encoding.ASCII.GetBytes(lines.ToString()));
            _file.Flush();
        }
        catch (IOException)
        {
            // I2
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>What scores depend on beside the module and its files: every part of this program that can be
    /// reached from here, by build, and the runtime that compiles their code.</summary>
    internal static ImmutableArray<string> Harness()
    {
        var parts = new SortedDictionary<string, Assembly>(StringComparer.Ordinal);
        var waiting = new Stack<Assembly>([typeof(ScoreFile).Assembly]);
        while (waiting.TryPop(out var part))
        {
            string name = part.GetName().Name ?? "";
            if (name.StartsWith(Own, StringComparison.Ordinal) && parts.TryAdd(name, part))
            {
                foreach (var needed in part.GetReferencedAssemblies().Where(IsOwn))
                {
                    waiting.Push(Assembly.Load(needed));
                }
            }
        }

        return
        [
            .. parts.Select(one => $"{one.Key} {one.Value.ManifestModule.ModuleVersionId}"),
            $"{Environment.Version} {RuntimeInformation.ProcessArchitecture}",
        ];
    }

    private static bool IsOwn(AssemblyName name) => name.Name?.StartsWith(Own, StringComparison.Ordinal) == true;

    private static void DropOldest(string folder, string name)
    {
        var files = new DirectoryInfo(folder).GetFiles("*" + Ending).Where(one => one.Name != name)
            .OrderByDescending(one => one.LastWriteTimeUtc).ThenBy(one => one.Name, StringComparer.Ordinal);
        foreach (var file in files.Skip(Limits.ScoreFilesMax - 1))
        {
            file.Delete();
        }
    }

    private void Load()
    {
        using var reader = new StreamReader(_file, Encoding.ASCII, false, bufferSize: 1 << 16, leaveOpen: true);
        long whole = 0;
        while (reader.ReadLine() is { } line && Take(line))
        {
            whole += line.Length + 1;
        }

        if (_file.Length < whole)
        {
            _file.Position = _file.Length;
            _file.WriteByte((byte)'\n'); // The last line is whole but for its end.
            return;
        }

        _file.SetLength(whole);
        _file.Position = whole;
    }

    private bool Take(string line)
    {
        string[] parts = line.Split(' ');
        if (parts.Length < 4 || parts[0].Length != KeyDigits || parts[^1].Length != CheckDigits
            || CheckOf(line[..^(CheckDigits + 1)]) != parts[^1])
        {
            return false;
        }

        // What runs burnt, then what they cost; runs of a void score may have no cost.
        var numbers = new List<long>(parts.Length);
        foreach (string part in parts[2..^1])
        {
            if (!TryRead(part, out long bits))
            {
                return false;
            }

            numbers.Add(bits);
        }

        if (numbers[0] < 0 || numbers.Count <= numbers[0])
        {
            return false;
        }

        int runs = (int)numbers[0];
        var costs = numbers[(runs + 1)..].Select(BitConverter.Int64BitsToDouble).ToImmutableArray();
        var fuels = numbers[1..(runs + 1)];
        if (runs < costs.Length || fuels.Exists(one => one < 0))
        {
            return false;
        }

        bool isWhole = parts[1] == Whole && !costs.IsEmpty;
        _scores[parts[0]] = new CandidateScore(costs, isWhole)
        {
            IsVoid = parts[1] == Void,
            Fuels = [.. fuels],
        };
        return true;
    }

    private static bool TryRead(string part, out long bits) =>
        long.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits);

    private static string LineOf(string key, CandidateScore score)
    {
        string kind = score.IsWhole ? Whole : score.IsVoid ? Void : Partial;
        var numbers = score.Fuels.Concat(score.Costs.Select(BitConverter.DoubleToInt64Bits)).Prepend(score.Fuels.Length)
            .Select(bits => bits.ToString("x16", CultureInfo.InvariantCulture));
        string line = string.Join(' ', [key, kind, .. numbers]);
        return $"{line} {CheckOf(line)}";
    }

    private static string KeyOf(string code) => Hex(code)[..KeyDigits];

    private static string CheckOf(string line) => Hex(line)[..CheckDigits];

    private static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
