using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Lang.Binding;
using Tars.Lang.Types;

namespace Tars.Lang.Symbols;

/// <summary>The records and variants that every module knows, as symbols; all modules share them.</summary>
internal static class BuiltInSymbols
{
    private static readonly TextSpan _nowhere = new(0, 0);

    private static readonly Dictionary<string, LangType> _all = Make();

    public static RecordSymbol Failure { get; } = Record("Failure");

    public static RecordSymbol Request { get; } = Record("Request");

    public static RecordSymbol Response { get; } = Record("Response");

    public static RecordSymbol Refusal { get; } = Record("Refusal");

    public static VariantSymbol ExitReason { get; } = ((LangType.Variant)_all["ExitReason"]).Symbol;

    /// <summary>A type that is visible everywhere, or null.</summary>
    public static LangType? FindEverywhere(string name) =>
        BuiltInTypes.Everywhere.Any(type => NameOf(type) == name) ? _all[name] : null;

    /// <summary>
    /// A type that stands in the table of interfaces; the marker is replaced by the type of <c>value:</c>.
    /// </summary>
    public static LangType FromSchema(SchemaType schema, SchemaType? marker, LangType value)
    {
        if (ReferenceEquals(schema, marker))
        {
            return value;
        }

        return schema switch
        {
            SchemaType.Unit => CoreTypes.Unit,
            SchemaType.Bool => CoreTypes.Bool,
            SchemaType.Int => CoreTypes.Int,
            SchemaType.Float => CoreTypes.Float,
            SchemaType.Text => CoreTypes.Text,
            SchemaType.Bytes => CoreTypes.Bytes,
            SchemaType.Duration => CoreTypes.Duration,
            SchemaType.Instant => CoreTypes.Instant,
            SchemaType.Blob => CoreTypes.Blob,
            SchemaType.List list => new LangType.List(FromSchema(list.Element, marker, value)),
            SchemaType.Map map => new LangType.Map(
                FromSchema(map.Key, marker, value), FromSchema(map.Value, marker, value)),
            SchemaType.Optional optional => new LangType.Optional(FromSchema(optional.Inner, marker, value)),
            SchemaType.Fallible fallible => new LangType.Fallible(FromSchema(fallible.Inner, marker, value)),
            SchemaType.Cap cap => new LangType.Cap(cap.Kind),
            SchemaType.Record or SchemaType.Variant => _all[NameOf(schema)],
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>
    /// What an <c>exit AGENT as NAME</c> handler binds; each agent has its own, for the type of the child.
    /// </summary>
    public static RecordSymbol Exit(AgentSymbol agent) => new("", "Exit", _nowhere)
    {
        Fields =
        [
            new FieldSymbol("child", new LangType.Ref(agent), Default: null, _nowhere),
            new FieldSymbol("reason", new LangType.Variant(ExitReason), Default: null, _nowhere),
            new FieldSymbol("detail", CoreTypes.Text, Default: null, _nowhere),
        ],
    };

    private static RecordSymbol Record(string name) => ((LangType.Record)_all[name]).Symbol;

    private static string NameOf(SchemaType type) => type switch
    {
        SchemaType.Record record => record.Name,
        SchemaType.Variant variant => variant.Name,
        _ => "",
    };

    private static Dictionary<string, LangType> Make()
    {
        var all = new Dictionary<string, LangType>(StringComparer.Ordinal);
        foreach (SchemaType type in BuiltInTypes.Everywhere.Concat(BuiltInTypes.OfInterfaces))
        {
            all.Add(NameOf(type), type switch
            {
                SchemaType.Record record => new LangType.Record(Declare(record, all)),
                SchemaType.Variant variant => new LangType.Variant(Declare(variant, all)),
                _ => throw new UnreachableException(),
            });
        }

        return all;
    }

    // A record stands after the types of its fields in the table.
    private static RecordSymbol Declare(SchemaType.Record record, Dictionary<string, LangType> known) =>
        new("", record.Name, _nowhere)
        {
            Fields =
            [
                .. record.Fields.Select(field =>
                {
                    LangType type = FieldType(field.Type, known);
                    return new FieldSymbol(field.Name, type, field.HasDefault ? Empty(type) : null, _nowhere);
                }),
            ],
        };

    private static LangType FieldType(SchemaType schema, Dictionary<string, LangType> known) =>
        schema is SchemaType.Record or SchemaType.Variant
            ? known[NameOf(schema)]
            : FromSchema(schema, marker: null, CoreTypes.Unit);

    private static VariantSymbol Declare(SchemaType.Variant variant, Dictionary<string, LangType> known) =>
        new("", variant.Name, _nowhere)
        {
            Cases =
            [
                .. variant.Cases.Select((one, index) => new CaseSymbol(
                    one.Name,
                    index,
                    [
                        .. one.Fields.Select(field =>
                            new FieldSymbol(field.Name, FieldType(field.Type, known), Default: null, _nowhere)),
                    ],
                    _nowhere)),
            ],
        };

    /// <summary>The default of every built-in field that has one is the empty value of its type.</summary>
    private static BoundExpr Empty(LangType type) => type switch
    {
        LangType.Map => new BoundExpr.MapLiteral([], type, _nowhere),
        LangType.Bytes => new BoundExpr.CallBuiltIn(
            BuiltIn.BytesOf, ImmutableArray.Create<BoundExpr>(new BoundExpr.IntLiteral(0, CoreTypes.Int, _nowhere)),
            type, _nowhere),
        LangType.Optional => new BoundExpr.None(type, _nowhere),
        _ => throw new UnreachableException(),
    };
}
