using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Swapping;

/// <summary>Finds how values of an old type become values of a new one, or why they cannot. Pure.</summary>
/// <remarks>
/// Names decide which fields and cases belong together; structure decides whether their types are the same. A field
/// that is new takes its default, one that is gone is dropped; nothing else changes by itself.
/// </remarks>
internal sealed class TypeComparison
{
    private readonly List<string> _reasons = [];
    private readonly List<string> _added = [];
    private readonly List<string> _dropped = [];

    private TypeComparison()
    {
    }

    /// <summary>Why the one does not become the other, for a person; empty when it does.</summary>
    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>Paths of fields that take their default.</summary>
    public IReadOnlyList<string> Added => _added;

    /// <summary>Paths of fields whose values are lost.</summary>
    public IReadOnlyList<string> Dropped => _dropped;

    /// <summary>Null when there are reasons.</summary>
    public Conversion? How { get; private set; }

    /// <param name="path">What the value is called in messages.</param>
    public static TypeComparison Of(SchemaType old, SchemaType now, string path)
    {
        var comparison = new TypeComparison();
        var how = comparison.Between(old, now, path);
        comparison.How = comparison._reasons.Count == 0 ? how : null;
        return comparison;
    }

    /// <summary>How many octets every value of the type has; -1 where that differs.</summary>
    public static int SizeOf(SchemaType type) => type switch
    {
        SchemaType.Unit => 0,
        SchemaType.Bool => 1,
        SchemaType.Int or SchemaType.Float or SchemaType.Duration or SchemaType.Instant => 8,
        SchemaType.Ref or SchemaType.Cap or SchemaType.Blob => 8,
        SchemaType.Record record => SizeOf(record.Fields),
        SchemaType.Variant variant when variant.Cases.All(one => one.Fields.IsEmpty) => 2,
        _ => -1,
    };

    /// <summary>The octets of the least value of a type: zero, empty, none, the first case, no process.</summary>
    public static void WriteLeast(SchemaType type, Base.ByteWriter to)
    {
        switch (type)
        {
            case SchemaType.Unit:
                break;
            case SchemaType.Bool or SchemaType.Optional:
                to.U8(0);
                break;
            case SchemaType.Int or SchemaType.Float or SchemaType.Duration or SchemaType.Instant:
                to.I64(0);
                break;
            case SchemaType.Ref or SchemaType.Cap or SchemaType.Blob:
                to.I64(~long.MaxValue); // Among the kernel's ids: a slot that was never held.
                break;
            case SchemaType.Text or SchemaType.Bytes or SchemaType.List or SchemaType.Map:
                to.U32(0);
                break;
            case SchemaType.Fallible fallible:
                to.U8(0);
                WriteLeast(fallible.Inner, to);
                break;
            case SchemaType.Record record:
                WriteLeast(record.Fields, to);
                break;
            case SchemaType.Variant variant:
                to.U16(0);
                WriteLeast(variant.Cases.FirstOrDefault()?.Fields ?? [], to);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void WriteLeast(ImmutableArray<SchemaField> fields, Base.ByteWriter to)
    {
        foreach (var field in fields)
        {
            WriteLeast(field.Type, to);
        }
    }

    private static int SizeOf(ImmutableArray<SchemaField> fields)
    {
        int sum = 0;
        foreach (var field in fields)
        {
            int size = SizeOf(field.Type);
            if (size < 0)
            {
                return -1;
            }

            sum += size;
        }

        return sum;
    }

    private static Conversion.Copy Copy(SchemaType type) => new(type, SizeOf(type));

    // What comes back where there are reasons is not used.
    private Conversion Between(SchemaType old, SchemaType now, string path)
    {
        if (old.Equals(now))
        {
            return Copy(old);
        }

        switch (old, now)
        {
            case (SchemaType.Record was, SchemaType.Record becomes):
                return Fields(was.Fields, becomes.Fields, path);
            case (SchemaType.Variant was, SchemaType.Variant becomes):
                return Cases(was, becomes, path);
            case (SchemaType.List was, SchemaType.List becomes):
                return new Conversion.EachItem(Between(was.Element, becomes.Element, $"{path}[]"));
            case (SchemaType.Optional was, SchemaType.Optional becomes):
                return new Conversion.IfSome(Between(was.Inner, becomes.Inner, path));
            case (SchemaType.Fallible was, SchemaType.Fallible becomes):
                return new Conversion.IfGood(Between(was.Inner, becomes.Inner, path));
            case (SchemaType.Map was, SchemaType.Map becomes):
                var key = Between(was.Key, becomes.Key, $"the keys of {path}");
                if (key is Conversion.EachCase { Cases: var cases } && !IsAscending(cases))
                {
                    _reasons.Add($"the keys of {path} have another order now");
                }

                return new Conversion.EachEntry(was.Key, key, Between(was.Value, becomes.Value, $"{path}[]"));
            default:
                _reasons.Add($"{path}: {Short(old)} before, {Short(now)} now");
                return Copy(old);
        }
    }

    private Conversion Cases(SchemaType.Variant was, SchemaType.Variant becomes, string path)
    {
        var cases = ImmutableArray.CreateBuilder<(ushort, Conversion)>(was.Cases.Length);
        foreach (var old in was.Cases)
        {
            int index = becomes.Cases.ToList().FindIndex(one => one.Name == old.Name);
            if (index < 0)
            {
                _reasons.Add($"{path} may be `{old.Name}`, and there is no such case now");
                return Copy(was);
            }

            cases.Add(((ushort)index, Fields(old.Fields, becomes.Cases[index].Fields, $"{path}.{old.Name}")));
        }

        return new Conversion.EachCase(cases.DrainToImmutable());
    }

    private Conversion Fields(ImmutableArray<SchemaField> was, ImmutableArray<SchemaField> becomes, string path)
    {
        var made = ImmutableArray.CreateBuilder<(int Source, Conversion How)>(becomes.Length);
        foreach (var field in becomes)
        {
            int source = was.ToList().FindIndex(one => one.Name == field.Name);
            string place = $"{path}.{field.Name}";
            if (0 <= source)
            {
                made.Add((source, Between(was[source].Type, field.Type, place)));
            }
            else if (field.Default is { } octets)
            {
                _added.Add(place);
                made.Add((-1, new Conversion.Put(octets)));
            }
            else
            {
                _reasons.Add($"{place} is new and has no default");
            }
        }

        foreach (var gone in was.Where(old => becomes.All(one => one.Name != old.Name)))
        {
            _dropped.Add($"{path}.{gone.Name}");
        }

        bool ordered = IsAscending(made.Select(one => one.Source).Where(source => 0 <= source));
        return ordered
            ? new Conversion.Steps(InOrder(was, made))
            : new Conversion.Reorder([.. was.Select(one => one.Type)], made.ToImmutable());
    }

    // Old fields one after the other; what is dropped is read past where it stands, what is next to each other at once.
    private static ImmutableArray<Conversion> InOrder(
        ImmutableArray<SchemaField> was, IEnumerable<(int Source, Conversion How)> made)
    {
        var steps = new List<Conversion>();
        int next = 0;
        foreach (var (source, how) in made)
        {
            DropUpTo(source);
            next = 0 <= source ? source + 1 : next;
            if (steps.LastOrDefault() is Conversion.Copy { Size: >= 0 } last
                && how is Conversion.Copy { Size: >= 0 } one)
            {
                steps[^1] = last with { Size = last.Size + one.Size };
            }
            else
            {
                steps.Add(how);
            }
        }

        DropUpTo(was.Length);
        return [.. steps];

        void DropUpTo(int end)
        {
            for (; next < end; next++)
            {
                steps.Add(new Conversion.Drop(was[next].Type, SizeOf(was[next].Type)));
            }
        }
    }

    private static bool IsAscending(IEnumerable<(ushort Index, Conversion Fields)> cases) =>
        IsAscending(cases.Select(one => (int)one.Index));

    private static bool IsAscending(IEnumerable<int> numbers)
    {
        int last = -1;
        foreach (int number in numbers)
        {
            if (number <= last)
            {
                return false;
            }

            last = number;
        }

        return true;
    }

    private static string Short(SchemaType type) => type switch
    {
        SchemaType.Record { Name: { Length: > 0 } name } => $"`{name}`",
        SchemaType.Variant { Name: { Length: > 0 } name } => $"`{name}`",
        _ => $"`{SchemaText.ForPeople(type)}`",
    };
}
