namespace Tars.Lang.Binding;

/// <summary>Built-in functions that give a value. Those that only have an effect are statements of their own.</summary>
public enum BuiltIn
{
    Abs,
    Min,
    Max,
    Clamp,
    Sqrt,
    Exp,
    Ln,
    Sin,
    Cos,
    Ceil,
    Round,
    Pow,
    Atan2,
    IntOfFloat,
    FloatOfInt,
    Now,
    Random,
    RandomInt,
    ListOf,
    BytesOf,
    BlobOf,
    JsonDecode,
    JsonResponse,
}
