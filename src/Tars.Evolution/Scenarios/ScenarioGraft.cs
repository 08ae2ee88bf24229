namespace Tars.Evolution.Scenarios;

/// <summary>Puts the scenarios of one version of a module into another, so that all are asked the same question.
/// </summary>
/// <remarks>
/// Both texts are in the one layout, where a line that begins at the margin is a key of the document, a comment or the
/// end of what stood before.
/// </remarks>
public static class ScenarioGraft
{
    private const string Key = "scenarios:";

    /// <summary>Null when the version that asks has no scenarios.</summary>
    /// <param name="asked">The version that is to be asked.</param>
    /// <param name="asking">The version whose scenarios they are.</param>
    public static string? Into(string asked, string asking)
    {
        var graft = Section(asking);
        if (graft.Text.Length == 0)
        {
            return null;
        }

        var own = Section(asked);
        return own.Text.Length == 0
            ? $"{asked.TrimEnd('\n')}\n\n{graft.Text}"
            : string.Concat(asked.AsSpan(0, own.At), graft.Text, asked.AsSpan(own.At + own.Text.Length));
    }

    // From the key to the next line at the margin.
    private static (int At, string Text) Section(string text)
    {
        int at = text.StartsWith(Key, StringComparison.Ordinal) ? 0
            : text.IndexOf("\n" + Key, StringComparison.Ordinal) + 1;
        if (at == 0 && !text.StartsWith(Key, StringComparison.Ordinal))
        {
            return (0, "");
        }

        int end = text.IndexOf('\n', at) + 1;
        while (0 < end && end < text.Length && text[end] is ' ' or '\n' or '-')
        {
            end = text.IndexOf('\n', end) + 1;
        }

        return (at, 0 < end ? text[at..end] : text[at..]);
    }
}
