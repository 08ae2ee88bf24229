namespace Tars.Cli.Views;

/// <summary>Colours for people: escape sequences where the terminal shows them, nothing elsewhere.</summary>
internal readonly struct Paint(bool colors)
{
    public string Red(string text) => Wrap("1;31", text);

    public string Yellow(string text) => Wrap("1;33", text);

    public string Green(string text) => Wrap("32", text);

    public string Cyan(string text) => Wrap("36", text);

    public string Bold(string text) => Wrap("1", text);

    public string Faint(string text) => Wrap("2", text);

    private string Wrap(string code, string text) => colors ? $"\e[{code}m{text}\e[0m" : text;
}
