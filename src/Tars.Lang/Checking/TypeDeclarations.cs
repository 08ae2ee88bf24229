using System.Collections.Immutable;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads <c>types</c>: first the names, then fields and cases, then the defaults of fields.</summary>
internal sealed class TypeDeclarations(CodeReader code)
{
    private readonly Dictionary<RecordSymbol, Expr?[]> _defaults = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<RecordSymbol> _inProgress = new(ReferenceEqualityComparer.Instance);
    private readonly List<KeyValuePair<RecordSymbol, YamlNode>> _records = [];
    private readonly List<KeyValuePair<VariantSymbol, YamlNode>> _variants = [];

    private ModuleScope Module => code.Module;

    /// <summary>After this every type is known by name, and nothing more.</summary>
    public void DeclareNames(YamlNode? types)
    {
        foreach (YamlEntry entry in types.Entries())
        {
            string name = entry.Key.Value;
            if (BuiltInSymbols.FindEverywhere(name) is not null
                || Module.InterfaceTypes.ContainsKey(name) || name == "Exit")
            {
                code.Report(Report.NameTaken(entry.Key.Span, name, "a type of the language"));
                continue;
            }

            if (entry.Value is YamlNode.Mapping)
            {
                var record = new RecordSymbol(Module.Symbol.Name, name, entry.Key.Span);
                _records.Add(KeyValuePair.Create(record, entry.Value));
                Module.Types[name] = new LangType.Record(record);
            }
            else if (entry.Value is YamlNode.Sequence)
            {
                var variant = new VariantSymbol(Module.Symbol.Name, name, entry.Key.Span);
                _variants.Add(KeyValuePair.Create(variant, entry.Value));
                Module.Types[name] = new LangType.Variant(variant);
            }
            else
            {
                Module.Types[name] = CoreTypes.Error;
            }
        }

        Module.Symbol.Records = [.. _records.Select(one => one.Key)];
        Module.Symbol.Variants = [.. _variants.Select(one => one.Key)];
    }

    /// <summary>After this every type is whole but for the defaults of fields.</summary>
    public void DeclareMembers()
    {
        // Whether a variant can be a key depends on its cases alone, so they come first.
        foreach (var (variant, node) in _variants)
        {
            variant.Cases = [.. node.Items().Select(ReadCase)];
            CheckCases(variant);
        }

        foreach (var (record, node) in _records)
        {
            ReadRecord(record, node);
        }

        foreach (var (variant, node) in _variants)
        {
            ReadPayloads(variant, node);
        }

        new RecursionCheck(code).Run(Module.Symbol.Records, Module.Symbol.Variants);
        Module.PrepareDefaults = BindDefaults;
    }

    public void BindAllDefaults()
    {
        foreach (RecordSymbol record in Module.Symbol.Records)
        {
            BindDefaults(record);
        }
    }

    private void ReadRecord(RecordSymbol record, YamlNode node)
    {
        var entries = node.Entries();
        var values = new Expr?[entries.Length];
        var fields = ImmutableArray.CreateBuilder<FieldSymbol>(entries.Length);
        for (int index = 0; index < entries.Length; index++)
        {
            Declaration declaration = code.Declaration(entries[index].Value);
            values[index] = declaration.Value;

            // Until the defaults are bound, something stands for each, so that the field may be left out.
            BoundExpr? pending = declaration.Value is null && !declaration.IsLost
                ? null
                : new BoundExpr.Bad(entries[index].Value.Span);
            fields.Add(new FieldSymbol(entries[index].Key.Value, declaration.Type, pending, entries[index].Key.Span));
        }

        record.Fields = fields.ToImmutable();
        _defaults[record] = values;
    }

    // One record's default may build another record, whose defaults are then needed first.
    private void BindDefaults(RecordSymbol record)
    {
        if (_inProgress.Contains(record))
        {
            code.Report(Report.RecursiveValue(record.Span, record.Name));
            return;
        }

        if (!_defaults.Remove(record, out Expr?[]? values))
        {
            return;
        }

        _inProgress.Add(record);
        var fields = record.Fields.ToBuilder();
        for (int index = 0; index < fields.Count; index++)
        {
            if (values[index] is Expr value)
            {
                var binder = new BodyBinder(Module, agent: null, CodeKind.Constant);
                fields[index] = fields[index] with { Default = binder.BindValue(value, fields[index].Type) };
            }
        }

        record.Fields = fields.ToImmutable();
        _inProgress.Remove(record);
    }

    private CaseSymbol ReadCase(YamlNode node, int index)
    {
        YamlNode.Scalar? name = node is YamlNode.Mapping mapping
            ? mapping.Entries.FirstOrDefault()?.Key
            : node.Scalar();
        bool hasPayload = node is YamlNode.Mapping;
        if (name is not null && !DocumentShape.IsName(name.Value))
        {
            code.Report(Report.WrongCase(name.Span, name.Value));
        }

        if (node is YamlNode.Mapping { Entries.Length: > 1 } several)
        {
            YamlNode.Scalar second = several.Entries[1].Key;
            code.Report(Report.WrongKindOfValue(second.Span, second.Value, "a case of its own"));
        }

        // Before the payloads are read, one field of no known type says that there is a payload.
        ImmutableArray<FieldSymbol> fields = hasPayload
            ? [new FieldSymbol("", CoreTypes.Error, Default: null, node.Span)]
            : [];
        return new CaseSymbol(name?.Value ?? "", index, fields, name?.Span ?? node.Span);
    }

    private void CheckCases(VariantSymbol variant)
    {
        if (variant.Cases.IsEmpty)
        {
            code.Report(Report.WrongKindOfValue(variant.Span, variant.Name, "a list of at least one case"));
        }

        foreach (CaseSymbol twin in variant.Cases.Where(one =>
            one.Name.Length > 0 && variant.Cases.First(first => first.Name == one.Name) != one))
        {
            code.Report(Report.NameTaken(twin.Span, twin.Name, $"a case of `{variant.Name}`"));
        }
    }

    private void ReadPayloads(VariantSymbol variant, YamlNode node)
    {
        var nodes = node.Items().ToArray();
        var cases = variant.Cases.ToBuilder();
        for (int index = 0; index < cases.Count; index++)
        {
            if (nodes[index] is YamlNode.Mapping { Entries: [var payload, ..] })
            {
                cases[index] = cases[index] with
                {
                    Fields =
                    [
                        .. payload.Value.Entries().Select(entry => new FieldSymbol(
                            entry.Key.Value, code.Type(entry.Value, TypePlace.Plain), Default: null, entry.Key.Span)),
                    ],
                };
            }
        }

        variant.Cases = cases.ToImmutable();
    }
}
