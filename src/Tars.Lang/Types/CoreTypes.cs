namespace Tars.Lang.Types;

/// <summary>The types without parts, one object each.</summary>
internal static class CoreTypes
{
    public static readonly LangType Unit = new LangType.Unit();
    public static readonly LangType Bool = new LangType.Bool();
    public static readonly LangType Int = new LangType.Int();
    public static readonly LangType Float = new LangType.Float();
    public static readonly LangType Text = new LangType.Text();
    public static readonly LangType Bytes = new LangType.Bytes();
    public static readonly LangType Duration = new LangType.Duration();
    public static readonly LangType Instant = new LangType.Instant();
    public static readonly LangType Blob = new LangType.Blob();
    public static readonly LangType NoneLiteral = new LangType.NoneLiteral();
    public static readonly LangType EmptyLiteral = new LangType.EmptyLiteral();
    public static readonly LangType Error = new LangType.Error();

    /// <summary>The words of the language for types, in the order of its reference.</summary>
    public static readonly Dictionary<string, LangType> ByName = new(StringComparer.Ordinal)
    {
        ["bool"] = Bool,
        ["int"] = Int,
        ["float"] = Float,
        ["text"] = Text,
        ["bytes"] = Bytes,
        ["duration"] = Duration,
        ["instant"] = Instant,
        ["blob"] = Blob,
    };
}
