using System.Globalization;
using Tars.Evolution.Trials;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>The recording of a run on several shards: a folder with a journal for each.</summary>
public static class RecordedShards
{
    /// <summary>The file of one shard.</summary>
    public static string FileOf(string folder, int shard) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"shard-{shard}.tarslog"));

    /// <summary>The journals that a path stands for: of all shards, of the one that is asked for, or the file itself.
    /// </summary>
    /// <returns>Nothing, with a reason, when there are none.</returns>
    public static IReadOnlyList<string> PathsOf(string path, int? shard, ICollection<string> reasons)
    {
        if (!Directory.Exists(path))
        {
            if (shard is not null)
            {
                reasons.Add("--shard: it is the journal of one kernel; a recording of several is a folder");
                return [];
            }

            return [path];
        }

        string[] files =
        [
            .. Enumerable.Range(0, ShardPlan.CountMax).Select(one => FileOf(path, one)).TakeWhile(File.Exists),
        ];
        if (files.Length == 0)
        {
            reasons.Add("the folder holds no recording; a run that is kept is read one segment after the other");
        }
        else if (shard is null && files.Length == 1)
        {
            reasons.Add("it holds the journal of one shard, and those of the others are not there");
            return [];
        }
        else if (shard is { } one && files.Length <= one)
        {
            reasons.Add($"--shard: there are {files.Length} shards, counted from zero");
            return [];
        }

        return shard is { } wanted && 0 < files.Length ? [files[wanted]] : files;
    }

    /// <summary>What versions of a module are tried on: the recording of one kernel, or of all shards of a run, as it
    /// is now.</summary>
    /// <param name="name">As whoever named it wrote it.</param>
    /// <returns>Null, with reasons.</returns>
    public static Recording? Open(string path, string name, ICollection<string> reasons)
    {
        try
        {
            var paths = PathsOf(path, shard: null, reasons);
            return paths.Count == 0
                ? null
                : Recording.Of(name, [.. paths.Select(UnchangedFile.Of).Select(one => new Func<Stream>(one.Open))]);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            reasons.Add(broken is FileNotFoundException ? "there is no such file" : broken.Message);
            return null;
        }
    }

    /// <summary>Makes the folder, which must not be there, and a file for each shard.</summary>
    /// <returns>Null, with why.</returns>
    internal static Stream[]? Create(string folder, int shards, out string why)
    {
        why = "";
        var files = new List<Stream>();
        try
        {
            if (File.Exists(folder) || Directory.Exists(folder))
            {
                why = "it is there already, and a recording replaces nothing";
                return null;
            }

            if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(folder))))
            {
                why = "there is no such folder";
                return null;
            }

            Directory.CreateDirectory(folder);
            for (int shard = 0; shard < shards && why.Length == 0; shard++)
            {
                why = Recorder.Create(FileOf(folder, shard), out var stream) ?? "";
                files.AddRange(stream is null ? Array.Empty<Stream>() : [stream]);
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            why = broken is UnauthorizedAccessException ? "no folder may be made there" : broken.Message;
        }

        if (why.Length == 0)
        {
            return [.. files];
        }

        files.ForEach(one => one.Dispose());
        return null;
    }
}
