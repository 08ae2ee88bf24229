using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>
/// Reads <c>constants</c>, <c>params</c> and <c>functions</c>: signatures first, bodies when all names are known.
/// </summary>
internal sealed class ValueDeclarations(CodeReader code, DataReader data)
{
    private readonly List<KeyValuePair<ConstantSymbol, Expr>> _constants = [];
    private readonly List<KeyValuePair<FunctionSymbol, YamlNode>> _functions = [];
    private readonly Dictionary<string, CodeFacts> _functionFacts = new(StringComparer.Ordinal);

    /// <summary>What functions and constants read; known once functions are bound.</summary>
    public ValueReads? Reads { get; private set; }

    private ModuleScope Module => code.Module;

    public void DeclareConstants(YamlNode? node)
    {
        foreach (YamlEntry entry in node.Entries())
        {
            Declaration declaration = code.Declaration(entry.Value);
            var constant = new ConstantSymbol(
                Module.Symbol.Name, entry.Key.Value, declaration.Type, entry.Key.Span);
            if (declaration.Value is Expr value)
            {
                _constants.Add(KeyValuePair.Create(constant, value));
            }
            else if (!declaration.IsLost)
            {
                code.Report(Report.ConstantWithoutValue(entry.Key.Span, constant.Name));
            }

            Claim(entry.Key);
            Module.Constants[constant.Name] = constant;
            Module.Symbol.Constants = Module.Symbol.Constants.Add(constant);
        }
    }

    public void DeclareParams(YamlNode? node)
    {
        foreach (YamlEntry entry in node.Entries())
        {
            LangType type = code.Type(entry.Value.Get("type"), TypePlace.Plain);
            YamlNode.Scalar? written = entry.Value.Get("type").Scalar();
            if (type is LangType.Unit)
            {
                type = CoreTypes.Error;
            }
            else if (!TypeRules.CanBeParam(type) && written is not null)
            {
                code.Report(Report.NotAParamType(written.Span, TypeText.Of(type)));
                type = CoreTypes.Error;
            }

            var param = new ParamSymbol(entry.Key.Value, type, Module.Symbol.Params.Length, entry.Key.Span)
            {
                About = entry.Value.Get("about").Text(),
                Value = entry.Value.Get("value") is YamlNode value ? data.Read(value, type) : null,
            };
            ReadRange(param, entry.Value.Get("range"), entry.Value.Get("value"));
            Claim(entry.Key);
            Module.Params[param.Name] = param;
            Module.Symbol.Params = Module.Symbol.Params.Add(param);
        }
    }

    private void ReadRange(ParamSymbol param, YamlNode? range, YamlNode? value)
    {
        if (range is not YamlNode.Sequence sequence || param.Type.IsBad())
        {
            return;
        }

        if (sequence.Items.Length != 2
            || param.Type is not (LangType.Int or LangType.Float or LangType.Duration))
        {
            code.Report(Report.NotALiteral(
                sequence.Span, "range", "interval", "write `range: [least, greatest]`, for int, float and duration"));
            return;
        }

        param.Low = data.Read(sequence.Items[0].Value, param.Type);
        param.High = data.Read(sequence.Items[1].Value, param.Type);
        if (NumberOf(param.Low) is not double low || NumberOf(param.High) is not double high)
        {
            return;
        }

        if (high < low)
        {
            code.Report(Report.NotInRange(sequence.Span, "range", "that goes upward"));
        }
        else if (value is not null && NumberOf(param.Value) is double number && (number < low || high < number))
        {
            code.Report(Report.NotInRange(
                value.Span, value.Text(), $"{sequence.Items[0].Value.Text()} to {sequence.Items[1].Value.Text()}"));
        }
    }

    private static double? NumberOf(BoundExpr? value) => value switch
    {
        BoundExpr.IntLiteral number => number.Value,
        BoundExpr.FloatLiteral number => number.Value,
        _ => null,
    };

    public void DeclareFunctions(YamlNode? node)
    {
        foreach (YamlEntry entry in node.Entries())
        {
            YamlNode? text = entry.Value.Get("text");
            LangType returns = entry.Value.Get("returns") is YamlNode written ? code.Type(written, TypePlace.Returns)
                : text is not null ? CoreTypes.Text
                : CoreTypes.Unit;
            CheckForm(entry, text, returns);
            var function = new FunctionSymbol(
                Module.Symbol.Name,
                entry.Key.Value,
                code.Parameters(entry.Value.Get("with")),
                returns,
                entry.Key.Span)
            {
                IsStandard = Module.IsStandard,
            };
            _functions.Add(KeyValuePair.Create(function, entry.Value));
            Claim(entry.Key);
            Module.Functions[function.Name] = function;
            Module.Symbol.Functions = Module.Symbol.Functions.Add(function);
        }
    }

    private void CheckForm(YamlEntry entry, YamlNode? text, LangType returns)
    {
        bool hasBoth = text is not null && entry.Value.Get("do") is not null;
        bool hasNone = text is null && entry.Value.Get("do") is null && entry.Value is YamlNode.Mapping;
        Recovery recovery = Module.Complaints.Recovery;
        bool isLost = recovery.MayBeDeclared("do") || recovery.MayBeDeclared("text");
        if (hasBoth || (hasNone && !isLost))
        {
            code.Report(Report.OneOfKeys(
                entry.Key.Span, $"the function `{entry.Key.Value}`", "do", "text", toAdd: hasNone ? "do: …" : null));
        }
        else if (text is not null && returns is not (LangType.Text or LangType.Error))
        {
            YamlNode at = entry.Value.Get("returns")!;
            code.Report(Report.WrongType(
                at.Span, "text", TypeText.Of(returns), "a template gives text: delete `returns`"));
        }
    }

    /// <summary>Says so when the name of a declaration is taken by an earlier one.</summary>
    public void Claim(YamlNode.Scalar key)
    {
        if (Module.WhatIs(key.Value) is string what)
        {
            code.Report(Report.NameTaken(key.Span, key.Value, what));
        }
    }

    public void BindConstants()
    {
        foreach (var (constant, value) in _constants)
        {
            var binder = new BodyBinder(Module, agent: null, CodeKind.Constant);
            constant.Value = binder.BindValue(value, constant.Type);
        }
    }

    public void BindFunctions()
    {
        foreach (var (function, node) in _functions)
        {
            var binder = new BodyBinder(Module, agent: null, CodeKind.Function);
            CheckParameters(binder, function.Parameters);
            if (node.Get("text") is YamlNode.Scalar text)
            {
                function.Body = BindTemplate(binder, text);
                continue;
            }

            Block block = code.Body(node.Get("do"));
            _functionFacts[function.Name] = CodeFacts.Of(block);
            function.Body = binder.BindBody(block, function.Returns, function.Span);
        }

        Reads = new ValueReads(Module, _functionFacts, _constants);
        var values = _constants.ToDictionary(one => one.Key.Name, one => one.Value, StringComparer.Ordinal);
        Module.Symbol.ConstantsByNeed = [.. new ConstantOrder(code, values, _functionFacts).Find()];
    }

    private BoundBlock BindTemplate(BodyBinder binder, YamlNode.Scalar text)
    {
        TemplateSyntax template = code.Template(text);
        TextSpan? outer = Module.Complaints.Enter(text.Span);
        BoundBlock body = binder.BindTemplate(template);
        Module.Complaints.Leave(outer);
        return body;
    }

    private void CheckParameters(BodyBinder binder, ImmutableArray<LocalSymbol> parameters)
    {
        foreach (LocalSymbol parameter in parameters)
        {
            TextSpan? outer = Module.Complaints.Enter(parameter.Span);
            binder.DeclareGiven(parameter);
            Module.Complaints.Leave(outer);
        }
    }
}
