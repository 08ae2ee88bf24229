namespace Tars.Lang.Types;

/// <summary>Writes a type as its author would.</summary>
internal static class TypeText
{
    public static string Of(LangType type) => type switch
    {
        LangType.Unit => "no value",
        LangType.Bool => "bool",
        LangType.Int => "int",
        LangType.Float => "float",
        LangType.Text => "text",
        LangType.Bytes => "bytes",
        LangType.Duration => "duration",
        LangType.Instant => "instant",
        LangType.Blob => "blob",
        LangType.List list => $"list<{Of(list.Element)}>",
        LangType.Map map => $"map<{Of(map.Key)}, {Of(map.Value)}>",
        LangType.Optional { Inner: var inner } => Of(inner) + "?",
        LangType.Fallible { Inner: LangType.Unit } => "a result that may be a Failure",
        LangType.Fallible { Inner: var inner } => Of(inner) + "!",
        LangType.Ref reference => $"ref<{reference.Agent.Name}>",
        LangType.Cap cap => $"cap<{cap.Kind}>",
        LangType.Record record => record.Symbol.Name,
        LangType.Variant variant => variant.Symbol.Name,
        LangType.NoneLiteral => "none",
        LangType.EmptyLiteral => "an empty list or map",
        _ => "an unknown type",
    };
}
