namespace Tars.Tests.Tidy;

/// <summary>docs/GLOSSARY.md as data: the words not to use, and the names that may hold them all the same.</summary>
/// <param name="Allowed">Names that hold such a word with another meaning, from the list at the document's end.</param>
internal sealed record Glossary(IReadOnlyList<(string Word, string Noun)> Forbidden, IReadOnlySet<string> Allowed)
{
    public static Glossary Read()
    {
        var lines = TrackedFiles.Lines("docs/GLOSSARY.md");
        var forbidden =
            from line in lines
            where line.StartsWith("| ", StringComparison.Ordinal)
            let cells = line.Split('|', StringSplitOptions.TrimEntries)
            where cells.Length == 5 && cells[1] != "Noun"
            from word in cells[3].Split(", ")
            where word.Length != 0 && word != "-"
            select (word, cells[1]);
        var allowed =
            from line in lines
            where line.StartsWith("- `", StringComparison.Ordinal)
            select line.Split('`')[1];
        return new Glossary([.. forbidden], allowed.ToHashSet(StringComparer.Ordinal));
    }
}
