using System.Collections.Immutable;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Checking;

/// <summary>
/// Finds types that hold themselves or grow beyond bounds, and breaks them, so that every type is small.
/// </summary>
/// <remarks>After it whoever walks a type may recurse, and may spell it out.</remarks>
internal sealed class RecursionCheck(CodeReader code)
{
    private readonly HashSet<object> _done = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, int> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly List<object> _path = [];

    public void Run(ImmutableArray<RecordSymbol> records, ImmutableArray<VariantSymbol> variants)
    {
        foreach (RecordSymbol record in records)
        {
            Enter(record);
        }

        foreach (VariantSymbol variant in variants)
        {
            Enter(variant);
        }
    }

    /// <summary>True when the type can be reached from itself through what is being visited.</summary>
    private bool Enter(object symbol)
    {
        if (_path.Count == Limits.TypeDepthMax || _path.Contains(symbol))
        {
            return true;
        }

        if (!_done.Add(symbol))
        {
            return false;
        }

        _path.Add(symbol);
        int size = 1;
        switch (symbol)
        {
            case RecordSymbol record:
                record.Fields = Break(record.Fields, ref size);
                break;
            case VariantSymbol variant:
                var cases = variant.Cases.ToBuilder();
                for (int index = 0; index < cases.Count; index++)
                {
                    cases[index] = cases[index] with { Fields = Break(cases[index].Fields, ref size) };
                }

                variant.Cases = cases.ToImmutable();
                break;
            default:
                break;
        }

        _sizes[symbol] = size;
        _path.RemoveAt(_path.Count - 1);
        return false;
    }

    private ImmutableArray<FieldSymbol> Break(ImmutableArray<FieldSymbol> fields, ref int size)
    {
        var whole = ImmutableArray.CreateBuilder<FieldSymbol>(fields.Length);
        foreach (FieldSymbol field in fields)
        {
            bool isCircle = Leads(field.Type);
            int added = isCircle ? 1 : SizeOf(field.Type);
            if (isCircle)
            {
                string circle = string.Join(" → ", _path.Select(NameOf).Append(TypeText.Of(field.Type)));
                code.Report(Report.RecursiveType(field.Span, circle));
            }
            else if (Limits.TypeSizeMax < size + added)
            {
                code.Report(Report.TypeTooLarge(field.Span, NameOf(_path[^1]), Limits.TypeSizeMax));
            }

            bool isBroken = isCircle || Limits.TypeSizeMax < size + added;

            // What holds a type that was told is not told again.
            size = isBroken ? 1 : size + added;
            whole.Add(isBroken ? field with { Type = CoreTypes.Error } : field);
        }

        return whole.ToImmutable();
    }

    /// <summary>How many types stand in it when it is spelled out.</summary>
    private int SizeOf(LangType type) => type switch
    {
        LangType.List list => 1 + SizeOf(list.Element),
        LangType.Map map => 2 + SizeOf(map.Value),
        LangType.Optional optional => 1 + SizeOf(optional.Inner),
        LangType.Record record => _sizes.GetValueOrDefault(record.Symbol, defaultValue: 8),
        LangType.Variant variant => _sizes.GetValueOrDefault(variant.Symbol, defaultValue: 8),
        _ => 1,
    };

    private bool Leads(LangType type) => type switch
    {
        LangType.List list => Leads(list.Element),
        LangType.Map map => Leads(map.Value),
        LangType.Optional optional => Leads(optional.Inner),
        LangType.Record record => Enter(record.Symbol),
        LangType.Variant variant => Enter(variant.Symbol),
        _ => false,
    };

    private static string NameOf(object symbol) => symbol is RecordSymbol record
        ? record.Name
        : ((VariantSymbol)symbol).Name;
}
