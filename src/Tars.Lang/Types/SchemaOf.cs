using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Bundle.Schema;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Types;

/// <summary>Turns a checked type into its schema: structure instead of names.</summary>
/// <remarks>Only for types that are not recursive, which the checker has made sure of.</remarks>
public static class SchemaOf
{
    public static SchemaType Type(LangType type) => type switch
    {
        LangType.Unit => new SchemaType.Unit(),
        LangType.Bool => new SchemaType.Bool(),
        LangType.Int => new SchemaType.Int(),
        LangType.Float => new SchemaType.Float(),
        LangType.Text => new SchemaType.Text(),
        LangType.Bytes => new SchemaType.Bytes(),
        LangType.Duration => new SchemaType.Duration(),
        LangType.Instant => new SchemaType.Instant(),
        LangType.Blob => new SchemaType.Blob(),
        LangType.List list => new SchemaType.List(Type(list.Element)),
        LangType.Map map => new SchemaType.Map(Type(map.Key), Type(map.Value)),
        LangType.Optional optional => new SchemaType.Optional(Type(optional.Inner)),
        LangType.Fallible fallible => new SchemaType.Fallible(Type(fallible.Inner)),
        LangType.Ref reference => new SchemaType.Ref($"{reference.Agent.Module.Name}.{reference.Agent.Name}"),
        LangType.Cap cap => new SchemaType.Cap(cap.Kind),
        LangType.Record record => Record(record.Symbol),
        LangType.Variant variant => Variant(variant.Symbol),
        // What was reported has no schema; a manifest is never made from it.
        LangType.NoneLiteral or LangType.EmptyLiteral or LangType.Error => new SchemaType.Unit(),
        _ => throw new UnreachableException(),
    };

    public static SchemaType.Record Record(RecordSymbol symbol) => new(symbol.Name, Fields(symbol.Fields));

    public static SchemaType.Variant Variant(VariantSymbol symbol) =>
        new(symbol.Name, [.. symbol.Cases.Select(one => new SchemaCase(one.Name, Fields(one.Fields)))]);

    public static SchemaField Local(LocalSymbol local) => new(local.Name, Type(local.Type));

    private static ImmutableArray<SchemaField> Fields(ImmutableArray<FieldSymbol> fields) =>
    [
        .. fields.Select(field => new SchemaField(
            field.Name,
            Type(field.Type),
            field.Default is not null,
            field.Default is null ? null : ValueEncoder.TryEncode(field.Default))),
    ];
}
