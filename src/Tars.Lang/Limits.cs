namespace Tars.Lang;

/// <summary>Every bound of the compiler's front and back; each is a promise to finish on hostile input.</summary>
public static class Limits
{
    /// <summary>A metascript in UTF-8 bytes.</summary>
    public const int SourceBytesMax = 1024 * 1024;

    /// <summary>YAML collections within each other.</summary>
    public const int YamlDepthMax = 64;

    /// <summary>Code within code: brackets, blocks, operators that lean to the right.</summary>
    public const int CodeDepthMax = 64;

    /// <summary>From the root of an expression to its farthest leaf.</summary>
    public const int ExpressionHeightMax = 200;

    public const int NameLengthMax = 64;

    /// <summary>Columns that the formatter fills.</summary>
    public const int ColumnsMax = 100;

    /// <summary>More than this many messages help nobody; the rest is counted.</summary>
    public const int DiagnosticCountMax = 1000;
}
