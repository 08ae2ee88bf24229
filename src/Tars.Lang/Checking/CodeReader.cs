using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads the types, declarations and code that stand in scalars of a document.</summary>
internal sealed class CodeReader(ModuleScope module, DiagnosticBag bag)
{
    private readonly TypeBinder _types = new(module);

    public ModuleScope Module => module;

    public DiagnosticBag Bag => bag;

    /// <summary>One error for each unit: see <see cref="Complaints"/>.</summary>
    public void Report(TextSpan unit, Diagnostic diagnostic)
    {
        TextSpan? outer = module.Complaints.Enter(unit);
        module.Complaints.Add(diagnostic);
        module.Complaints.Leave(outer);
    }

    public void Report(Diagnostic diagnostic) => Report(diagnostic.Span, diagnostic);

    public Block Body(YamlNode? node)
    {
        if (node is not YamlNode.Scalar scalar)
        {
            var at = new TextSpan(node?.Span.Start ?? 0, 0);
            return new Block(at, BlockForm.Bare, [new Stmt.Missing(at, Trivia.None)], []);
        }

        Block body = CodeParser.ParseBody(scalar.Slice, bag);
        return body;
    }

    public TemplateSyntax Template(YamlNode.Scalar scalar) => CodeParser.ParseTemplate(scalar.Slice, bag);

    public Expr Expression(YamlNode node) => node is YamlNode.Scalar scalar
        ? CodeParser.ParseExpression(scalar.Slice, bag)
        : new Expr.Missing(node.Span);

    /// <summary>A type alone; Error where there is none, which is reported.</summary>
    public LangType Type(YamlNode? node, TypePlace place)
    {
        if (node is null)
        {
            return CoreTypes.Unit;
        }

        if (node is not YamlNode.Scalar scalar)
        {
            return CoreTypes.Error;
        }

        Decl declaration = CodeParser.ParseDeclaration(scalar.Slice, bag);
        TextSpan? outer = module.Complaints.Enter(scalar.Span);
        LangType type = _types.Bind(declaration.Type, place);
        if (declaration.Value is not null)
        {
            module.Complaints.Add(Diagnostics.Report.NoDefaultHere(declaration.Value.Span));
        }

        module.Complaints.Leave(outer);
        return type;
    }

    /// <summary>A type and perhaps a value.</summary>
    public Declaration Declaration(YamlNode node)
    {
        if (node is not YamlNode.Scalar scalar)
        {
            return new Declaration(CoreTypes.Error, Value: null, IsLost: true);
        }

        Decl declaration = CodeParser.ParseDeclaration(scalar.Slice, bag);
        TextSpan? outer = module.Complaints.Enter(scalar.Span);
        LangType type = _types.Bind(declaration.Type, TypePlace.Plain);
        module.Complaints.Leave(outer);
        bool isLost = module.Complaints.IsWrong(scalar.Span);
        if (isLost)
        {
            module.Complaints.Recovery.Mention(scalar.Span);
        }

        return new Declaration(type, declaration.Value, isLost);
    }

    /// <summary>Parameters, or what an event brings: names with types.</summary>
    public ImmutableArray<LocalSymbol> Parameters(YamlNode? node) =>
    [
        .. node.Entries().Select(entry =>
            new LocalSymbol(entry.Key.Value, Type(entry.Value, TypePlace.Plain), mutable: false, entry.Key.Span)),
    ];
}

/// <param name="IsLost">Something in it could not be read, so a missing value means nothing.</param>
internal sealed record Declaration(LangType Type, Expr? Value, bool IsLost);
