using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Tests.Bundle.Schema;

namespace Tars.Tests.Kernel.Swapping;

/// <summary>Edits of a state schema by seed: such that its values can move, and such that they cannot.</summary>
internal sealed class SchemaEdits(Xoshiro256 random)
{
    private int _left;
    private bool _done;

    public static ImmutableArray<SchemaField> State(Xoshiro256 random) =>
    [
        .. Enumerable.Range(0, 1 + random.Next(4)).Select(index =>
            WithDefault(new SchemaField($"s{index}", Schemas.Type(random, depth: 3, slots: false)), random)),
    ];

    /// <summary>A field that an older state may leave out.</summary>
    public static SchemaField WithDefault(SchemaField field, Xoshiro256 random) => field with
    {
        HasDefault = true,
        Default = [.. Schemas.Value(field.Type, random, finite: true)],
    };

    public ImmutableArray<SchemaField> Compatible(ImmutableArray<SchemaField> state) => Edit(state, Allow);

    public ImmutableArray<SchemaField> Incompatible(ImmutableArray<SchemaField> state) => Edit(state, Break);

    private ImmutableArray<SchemaField> Edit(
        ImmutableArray<SchemaField> state, Func<SchemaType, SchemaType?> change)
    {
        while (true)
        {
            // The state itself is a record too; its top is edited like any other for edits that records allow.
            _left = random.Next(12);
            _done = false;
            var edited = ((SchemaType.Record)Walk(new SchemaType.Record("", state), change, isTop: true)).Fields;
            if (_done)
            {
                return edited;
            }
        }
    }

    private SchemaType Walk(SchemaType type, Func<SchemaType, SchemaType?> change, bool isTop = false)
    {
        if (_done)
        {
            return type;
        }

        if (_left-- <= 0 && change(type) is { } changed && (!isTop || changed is SchemaType.Record))
        {
            _done = true;
            return changed;
        }

        return type switch
        {
            SchemaType.List list => new SchemaType.List(Walk(list.Element, change)),
            SchemaType.Map map => new SchemaType.Map(map.Key, Walk(map.Value, change)),
            SchemaType.Optional optional => new SchemaType.Optional(Walk(optional.Inner, change)),
            SchemaType.Record record => record with { Fields = Walk(record.Fields, change) },
            SchemaType.Variant variant => variant with
            {
                Cases = [.. variant.Cases.Select(one => one with { Fields = Walk(one.Fields, change) })],
            },
            _ => type,
        };
    }

    // A default that was made for the type before the edit is no value of it any more, so it is made anew.
    private ImmutableArray<SchemaField> Walk(
        ImmutableArray<SchemaField> fields, Func<SchemaType, SchemaType?> change) =>
    [
        .. fields.Select(field =>
        {
            var walked = field with { Type = Walk(field.Type, change) };
            return walked.Type.Equals(field.Type) || !field.HasDefault ? walked : WithDefault(walked, random);
        }),
    ];

    private SchemaType? Allow(SchemaType type)
    {
        switch (type)
        {
            case SchemaType.Record { Fields: var fields } record when random.Next(3) == 0 && 1 < fields.Length:
                return record with { Fields = fields.RemoveAt(random.Next(fields.Length)) };
            case SchemaType.Record { Fields: var fields } record when random.Next(3) == 0 && 1 < fields.Length:
                return record with { Fields = [.. fields.Skip(1), fields[0]] };
            case SchemaType.Record record:
                var added = WithDefault(new SchemaField("added", Schemas.Type(random, 2, slots: false)), random);
                return record with { Fields = record.Fields.Insert(random.Next(record.Fields.Length + 1), added) };
            case SchemaType.Variant variant:
                int place = random.Next(variant.Cases.Length + 1);
                return variant with { Cases = variant.Cases.Insert(place, new SchemaCase("added", [])) };
            default:
                return null;
        }
    }

    private SchemaType? Break(SchemaType type)
    {
        switch (type)
        {
            case SchemaType.Record { Name.Length: > 0 } record when random.Next(2) == 0:
                var added = new SchemaField("added", new SchemaType.Int());
                return record with { Fields = record.Fields.Insert(random.Next(record.Fields.Length + 1), added) };
            case SchemaType.Variant { Cases.Length: > 1 } variant when random.Next(2) == 0:
                return variant with { Cases = variant.Cases.RemoveAt(random.Next(variant.Cases.Length)) };
            case SchemaType.Map map when random.Next(2) == 0:
                return map with { Key = map.Key is SchemaType.Text ? new SchemaType.Int() : new SchemaType.Text() };
            case SchemaType.Int:
                return new SchemaType.Float();
            case SchemaType.Optional optional:
                return optional.Inner;
            default:
                return random.Next(2) == 0 ? new SchemaType.List(new SchemaType.List(type)) : new SchemaType.Optional(
                    type is SchemaType.Optional or SchemaType.Unit ? new SchemaType.Int() : type);
        }
    }
}
