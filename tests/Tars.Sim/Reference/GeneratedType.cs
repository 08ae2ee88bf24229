namespace Tars.Sim.Reference;

/// <summary>The types that generated programs use.</summary>
internal enum GeneratedType
{
    Bool,
    Int,
    Float,
    Text,
    ListInt,
    ListR,
    MapTextInt,
    OptInt,
    K,
    Q,
    R,
    Bytes,
    Duration,
}
