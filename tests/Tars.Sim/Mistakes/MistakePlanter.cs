using Tars.Base;

namespace Tars.Sim.Mistakes;

/// <summary>Plants mistakes into a valid module, by seed: each a line of its own, at a place where nothing else
/// becomes wrong.</summary>
internal sealed class MistakePlanter(ulong seed)
{
    private readonly Xoshiro256 _random = new(seed);

    /// <summary>The module with up to <paramref name="count"/> mistakes, and where each of them now stands.</summary>
    public PlantedModule Plant(string module, int count)
    {
        string[] lines = module.Split('\n');
        var statements = StatementPlaces(lines);
        var keys = KeyPlaces(lines);
        var planted = new SortedDictionary<int, Mistake>();
        for (int attempt = 0; planted.Count < count && attempt < 20 * count; attempt++)
        {
            var mistake = MistakeTable.All[_random.Next(MistakeTable.All.Length)];
            var places = mistake.Place == MistakePlace.Statement ? statements : keys;
            bool twice = mistake.Code == "TARS0106" && planted.Values.Any(one => one.Code == mistake.Code);
            if (places.Count > 0 && !twice)
            {
                planted.TryAdd(places[_random.Next(places.Count)], mistake);
            }
        }

        return Insert(lines, planted);
    }

    private static PlantedModule Insert(string[] lines, SortedDictionary<int, Mistake> planted)
    {
        var text = new List<string>();
        var mistakes = new List<(int Line, Mistake Mistake)>();
        for (int at = 0; at < lines.Length; at++)
        {
            if (planted.TryGetValue(at, out var mistake))
            {
                string name = $"planted{mistakes.Count}";
                text.Add(new string(' ', IndentOf(lines[at]))
                    + mistake.Line.Replace("@", name, StringComparison.Ordinal));
                mistakes.Add((text.Count, mistake));
            }

            text.Add(lines[at]);
        }

        return new PlantedModule(string.Join('\n', text), mistakes);
    }

    /// <summary>Lines that begin a statement at the outermost level of a `do`.</summary>
    private static List<int> StatementPlaces(string[] lines)
    {
        var places = new List<int>();
        for (int at = 0; at + 1 < lines.Length; at++)
        {
            if (!lines[at].TrimStart().StartsWith("do: |", StringComparison.Ordinal))
            {
                continue;
            }

            int indent = IndentOf(lines[at + 1]);
            string before = "";
            for (int line = at + 1; line < lines.Length
                && (lines[line].Trim() == "" || IndentOf(lines[line]) >= indent); line++)
            {
                if (lines[line].Trim() != "" && IndentOf(lines[line]) == indent && Begins(lines[line].Trim())
                    && !GoesOn(before))
                {
                    places.Add(line);
                }

                before = lines[line].Trim();
            }
        }

        return places;
    }

    private static bool Begins(string line) =>
        char.IsAsciiLetterLower(line[0]) && !line.StartsWith("else", StringComparison.Ordinal);

    private static bool GoesOn(string line) =>
        line.Length > 0 && ",([+-*/&|^=".Contains(line[^1], StringComparison.Ordinal);

    private static List<int> KeyPlaces(string[] lines) =>
        [.. Enumerable.Range(ModuleLine(lines) + 1, lines.Length - ModuleLine(lines) - 1)
            .Where(at => lines[at].Length > 0 && char.IsAsciiLetterLower(lines[at][0]))];

    // A key that stands twice is reported where it stands the second time, so every place lies behind the first.
    private static int ModuleLine(string[] lines) =>
        Array.FindIndex(lines, line => line.StartsWith("module:", StringComparison.Ordinal));

    private static int IndentOf(string line) => line.Length - line.TrimStart(' ').Length;
}

/// <summary>A module with planted mistakes, each with its line, counted from one.</summary>
internal sealed record PlantedModule(string Text, IReadOnlyList<(int Line, Mistake Mistake)> Mistakes);
