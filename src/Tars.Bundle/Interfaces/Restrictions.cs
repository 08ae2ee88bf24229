using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Interfaces;

/// <summary>The table of what capabilities for each kind of device can be narrowed by.</summary>
/// <remarks>
/// To add a kind: a row here. In a host call restrictions lie in the order of their row, each as an optional value.
/// </remarks>
public static class Restrictions
{
    private static readonly Restriction _uses = new("uses", new SchemaType.Int(), RestrictionRule.Uses);
    private static readonly Restriction _readOnly = new("read_only", new SchemaType.Bool(), RestrictionRule.ReadOnly);
    private static readonly Restriction _prefix = new("prefix", new SchemaType.Text(), RestrictionRule.Prefix);
    private static readonly Restriction _host = new("host", new SchemaType.Text(), RestrictionRule.Host);
    private static readonly Restriction _folder = new("folder", new SchemaType.Text(), RestrictionRule.Folder);
    private static readonly Restriction _from = new("from", new SchemaType.Int(), RestrictionRule.From);
    private static readonly Restriction _until = new("until", new SchemaType.Int(), RestrictionRule.Until);

    private static readonly Row[] _rows =
    [
        new("block", [_uses, _readOnly, _from, _until], ["write"]),
        new("store", [_uses, _readOnly, _prefix], ["put", "put_new", "delete"]),
        new("fetch", [_uses, _host], []),
        new("directory", [_uses, _readOnly, _folder], ["write", "write_at", "make", "move", "delete"]),
    ];

    /// <summary>What `narrow` of a kind takes; every kind can be narrowed to so many uses.</summary>
    public static ImmutableArray<Restriction> Of(string kind) => Find(kind)?.All ?? [_uses];

    /// <summary>The restrictions of a kind as one record, each optional: what stands in the host call.</summary>
    public static SchemaType.Record TypeOf(string kind) => new(
        "Restriction",
        [.. Of(kind).Select(one => new SchemaField(one.Name, new SchemaType.Optional(one.Type)))]);

    /// <summary>True for an operation that a capability for reading only does not reach.</summary>
    public static bool Changes(string kind, string operation) => Find(kind)?.Changing.Contains(operation) ?? false;

    private static Row? Find(string kind) => Array.Find(_rows, row => row.Kind == kind);

    private sealed record Row(string Kind, ImmutableArray<Restriction> All, ImmutableArray<string> Changing);
}
