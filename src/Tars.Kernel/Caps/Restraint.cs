using System.Globalization;
using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Caps;

/// <summary>What the restrictions of a narrowed capability mean: whether one use stays inside them.</summary>
internal static class Restraint
{
    private const int SectorBytes = 512;

    public const string UsedUp = "it was used as often as it may be";

    private const string OtherSectors = "the sectors lie outside what was narrowed to";

    /// <summary>The restrictions that are given.</summary>
    /// <param name="restriction">A valid value of the kind's record of restrictions.</param>
    public static Bound[] Read(string kind, ReadOnlySpan<byte> restriction)
    {
        var bounds = new List<Bound>();
        var reader = new ByteReader(restriction);
        foreach (var one in Restrictions.Of(kind))
        {
            if (reader.U8() == 0)
            {
                continue;
            }

            bounds.Add(one.Type switch
            {
                SchemaType.Text => new Bound(one.Rule, 0, reader.Text()),
                SchemaType.Bool => new Bound(one.Rule, reader.U8(), ""),
                _ => new Bound(one.Rule, reader.I64(), ""),
            });
        }

        return [.. bounds];
    }

    /// <summary>True for a rule that capabilities for such a device are narrowed by.</summary>
    public static bool IsOf(string kind, RestrictionRule rule) => Restrictions.Of(kind).Any(one => one.Rule == rule);

    /// <summary>Bounds as `narrow` names them, for a person: those that say nothing are left out, and of long texts
    /// the beginning is shown.</summary>
    public static string TextOf(string kind, IEnumerable<Bound> bounds) => string.Join(
        ", ",
        from bound in bounds
        where bound is not { Rule: RestrictionRule.ReadOnly, Number: 0 }
        let name = Restrictions.Of(kind).First(one => one.Rule == bound.Rule).Name
        select bound.Rule switch
        {
            RestrictionRule.ReadOnly => name,
            RestrictionRule.Uses or RestrictionRule.From or RestrictionRule.Until =>
                string.Create(CultureInfo.InvariantCulture, $"{name} {bound.Number}"),
            RestrictionRule.Prefix or RestrictionRule.Host or RestrictionRule.Folder =>
                bound.Text.Length <= Limits.BoundTextShownMax
                    ? $"{name} {bound.Text}"
                    : $"{name} {bound.Text.AsSpan(0, Limits.BoundTextShownMax)}\u2026",
        });

    /// <summary>True when one bound allows nothing that the other, of the same rule, does not.</summary>
    public static bool IsWithin(Bound bound, Bound wide) => bound.Rule switch
    {
        RestrictionRule.Uses or RestrictionRule.Until => bound.Number <= wide.Number,
        RestrictionRule.ReadOnly or RestrictionRule.From => wide.Number <= bound.Number,
        RestrictionRule.Prefix => bound.Text.StartsWith(wide.Text, StringComparison.Ordinal),
        RestrictionRule.Host => bound.Text.Equals(wide.Text, StringComparison.OrdinalIgnoreCase),
        RestrictionRule.Folder => IsBelow(bound.Text, wide.Text),
    };

    /// <summary>Null when a use stays inside one bound, else why not.</summary>
    /// <param name="arguments">Valid arguments of the operation.</param>
    public static string? WhyNot(Bound bound, string kind, Operation operation, ReadOnlySpan<byte> arguments)
    {
        switch (bound.Rule)
        {
            case RestrictionRule.Uses:
                return 0 < bound.Left ? null : UsedUp;
            case RestrictionRule.ReadOnly:
                return bound.Number == 1 && Restrictions.Changes(kind, operation.Name)
                    ? "it is for reading only"
                    : null;
            case RestrictionRule.Prefix:
                return FirstText(operation, arguments)?.StartsWith(bound.Text, StringComparison.Ordinal) == true
                    ? null
                    : "the key does not begin as it was narrowed to";
            case RestrictionRule.Host:
                return FirstText(operation, arguments) is { } url && Origins.HostOf(url) is { } host
                    && host.Equals(bound.Text, StringComparison.OrdinalIgnoreCase)
                    ? null
                    : "the URL is not of the host that was narrowed to";
            case RestrictionRule.Folder:
                return Paths(operation, arguments) is [_, ..] paths && paths.All(path => IsBelow(path, bound.Text))
                    ? null
                    : "the path does not lie in the folder that was narrowed to";
            case RestrictionRule.From:
                return Sectors(operation, arguments) is not var (first, _) || bound.Number <= first
                    ? null
                    : OtherSectors;
            case RestrictionRule.Until:
                return Sectors(operation, arguments) is not var (start, count)
                    || (start <= bound.Number && 0 <= count && (start < 0 || count <= bound.Number - start))
                    ? null
                    : OtherSectors;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string? FirstText(Operation operation, ReadOnlySpan<byte> arguments) =>
        operation.Arguments is [{ Type: SchemaType.Text }, ..] ? new ByteReader(arguments).Text() : null;

    // What an operation moves lies in the folder at both ends.
    private static List<string> Paths(Operation operation, ReadOnlySpan<byte> arguments)
    {
        var reader = new ByteReader(arguments);
        var paths = new List<string>();
        foreach (var _ in operation.Arguments.TakeWhile(one => one.Type is SchemaType.Text))
        {
            paths.Add(reader.Text());
        }

        return paths;
    }

    private static bool IsBelow(string path, string folder)
    {
        string top = folder.TrimEnd('/');
        bool below = path.StartsWith(top, StringComparison.Ordinal)
            && (path.Length == top.Length || top.Length == 0 || path[top.Length] == '/');
        return below && !path.Contains('\\', StringComparison.Ordinal)
            && path.Split('/').All(segment => segment is not (".." or "."));
    }

    // The first sector and how many; null for an operation on none.
    private static (long First, long Count)? Sectors(Operation operation, ReadOnlySpan<byte> arguments)
    {
        if (operation.Arguments is not [{ Type: SchemaType.Int }, ..])
        {
            return null;
        }

        var reader = new ByteReader(arguments);
        long first = reader.I64();
        return operation.Arguments switch
        {
            [_, { Type: SchemaType.Int }, ..] => (first, reader.I64()),
            [_, { Type: SchemaType.Bytes }, ..] => (first, (reader.U32() + (SectorBytes - 1L)) / SectorBytes),
            _ => (first, 1),
        };
    }
}
