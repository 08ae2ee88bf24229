using Tars.Lang.Symbols;

namespace Tars.Lang.Types;

/// <summary>What can be done with the values of a type.</summary>
internal static class TypeRules
{
    /// <summary>A type that was already reported, or was made from one.</summary>
    public static bool IsBad(this LangType type) => type switch
    {
        LangType.Error => true,
        LangType.List list => IsBad(list.Element),
        LangType.Map map => IsBad(map.Key) || IsBad(map.Value),
        LangType.Optional optional => IsBad(optional.Inner),
        LangType.Fallible fallible => IsBad(fallible.Inner),
        _ => false,
    };

    public static bool CanBeKey(LangType type) => type switch
    {
        LangType.Int or LangType.Text or LangType.Bool or LangType.Bytes => true,
        LangType.Duration or LangType.Instant or LangType.Ref or LangType.Error => true,
        LangType.Variant variant => !variant.Symbol.HasPayload,
        _ => false,
    };

    /// <summary>Whether <c>&lt;</c> and sorting work.</summary>
    public static bool IsOrdered(LangType type) => type switch
    {
        LangType.Int or LangType.Float or LangType.Text or LangType.Bytes => true,
        LangType.Duration or LangType.Instant or LangType.Error => true,
        LangType.Variant variant => !variant.Symbol.HasPayload,
        _ => false,
    };

    /// <summary>Whether a value can stand in a hole of a text.</summary>
    public static bool CanBeText(LangType type) => type switch
    {
        LangType.Text or LangType.Int or LangType.Float or LangType.Bool => true,
        LangType.Duration or LangType.Instant or LangType.Variant or LangType.Error => true,
        _ => false,
    };

    /// <summary>Whether a value has a form in JSON: references are of use inside one system only.</summary>
    public static bool HasJson(LangType type) => type switch
    {
        LangType.Ref or LangType.Cap or LangType.Blob or LangType.Unit or LangType.Fallible => false,
        LangType.List list => HasJson(list.Element),
        LangType.Map map => HasJson(map.Key) && HasJson(map.Value),
        LangType.Optional optional => HasJson(optional.Inner),
        LangType.Record record => record.Symbol.Fields.All(field => HasJson(field.Type)),
        LangType.Variant variant => variant.Symbol.Cases.All(one => one.Fields.All(field => HasJson(field.Type))),
        _ => true,
    };

    /// <summary>Whether a param may have the type.</summary>
    public static bool CanBeParam(LangType type) => type switch
    {
        LangType.Bool or LangType.Int or LangType.Float or LangType.Text => true,
        LangType.Duration or LangType.Error => true,
        LangType.Variant variant => !variant.Symbol.HasPayload,
        _ => false,
    };

    /// <summary>A record of at most that many levels, whose leaves a model can be asked to fill.</summary>
    public static bool CanBeFilled(LangType type, int levels) => type switch
    {
        LangType.Error => true,
        LangType.Record record => levels > 0 && record.Symbol.Fields.All(field => IsFillable(field.Type, levels - 1)),
        _ => false,
    };

    /// <summary>The type without <c>?</c> and <c>!</c>: what a literal in its place is read as.</summary>
    public static LangType? Core(LangType? type) => type switch
    {
        LangType.Optional optional => Core(optional.Inner),
        LangType.Fallible fallible => Core(fallible.Inner),
        _ => type,
    };

    public static bool IsFailure(LangType type) =>
        type is LangType.Record record && record.Symbol == BuiltInSymbols.Failure;

    private static bool IsFillable(LangType type, int levels) => type switch
    {
        LangType.Bool or LangType.Int or LangType.Float or LangType.Text or LangType.Error => true,
        LangType.Variant variant => !variant.Symbol.HasPayload,
        LangType.List list => levels > 0 && IsFillable(list.Element, levels - 1),
        LangType.Record => CanBeFilled(type, levels),
        _ => false,
    };
}
