using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>A part of code and the parts that it is made of, whatever they are: what edits count and name.</summary>
/// <remarks>Brackets that only group are no part of their own, so that writing code anew moves no place.</remarks>
/// <param name="Value">The expression that it is; null for a statement or a block.</param>
public sealed record CodeTree(TextSpan Span, Expr? Value, ImmutableArray<CodeTree> Parts)
{
    /// <summary>How many parts there are, this one and those of its parts included.</summary>
    public int Count => 1 + Parts.Sum(part => part.Count);

    /// <summary>The part at the end of a way: a place among the parts, again and again. Null where there is none.
    /// </summary>
    public CodeTree? Find(ReadOnlySpan<int> way) =>
        way.IsEmpty ? this
        : way[0] < 0 || Parts.Length <= way[0] ? null
        : Parts[way[0]].Find(way[1..]);

    public static CodeTree Of(Block block) => new(block.Span, Value: null, [.. block.Statements.Select(Of)]);

    public static CodeTree Of(Stmt statement) => new(statement.Span, Value: null, statement switch
    {
        Stmt.Let let => [.. Of(let.Value), .. Of(let.Else)],
        Stmt.Assign assign => [Of(assign.Place), .. Of(assign.Value)],
        Stmt.If branch => [.. Of(branch.Condition), Of(branch.Then), .. Of(branch.Else)],
        Stmt.While loop => [Of(loop.Condition), Of(loop.Body)],
        Stmt.ForRange loop => [Of(loop.From), Of(loop.To), Of(loop.Body)],
        Stmt.ForEach loop => [Of(loop.Collection), Of(loop.Body)],
        Stmt.Match match => [Of(match.Subject), .. match.Arms.Select(arm => Of(arm.Body))],
        Stmt.Return { Value: { } value } => [Of(value)],
        Stmt.Fail fail => [Of(fail.Why)],
        Stmt.Assert assert => [Of(assert.Condition)],
        Stmt.Ask ask => [.. Of(ask.Request), .. Of(ask.Else)],
        Stmt.Spawn spawn => Of(spawn.Request),
        Stmt.Tell tell => Of(tell.Arguments),
        Stmt.Timer timer => [Of(timer.Delay)],
        Stmt.Expression expression => [Of(expression.Value)],
        _ => [],
    });

    public static CodeTree Of(Expr value) => value is Expr.Parenthesized brackets
        ? Of(brackets.Inner)
        : new(value.Span, value, value switch
        {
            Expr.Text text => [.. text.Parts.OfType<TextPart.Hole>().Select(hole => Of(hole.Value))],
            Expr.Unary unary => [Of(unary.Operand)],
            Expr.Binary binary => [Of(binary.Left), Of(binary.Right)],
            Expr.Field field => [Of(field.Target)],
            Expr.Method method => [Of(method.Target), .. Of(method.Arguments)],
            Expr.Index index => [Of(index.Target), Of(index.At)],
            Expr.Call call => Of(call.Arguments),
            Expr.Make make => Of(make.Arguments),
            Expr.Case { Arguments: { } arguments } => Of(arguments),
            Expr.List list => [.. list.Items.Select(item => Of(item.Value))],
            Expr.Map map => [.. map.Entries.SelectMany(entry => new[] { Of(entry.Key), Of(entry.Value) })],
            Expr.If branch => [Of(branch.Condition), Of(branch.Then), Of(branch.Else)],
            _ => [],
        });

    private static ImmutableArray<CodeTree> Of(Source source) => source switch
    {
        Source.Value value => [Of(value.Expr)],
        Source.Ask { Within: { } within } ask => [.. Of(ask.Arguments), Of(within)],
        Source.Ask ask => Of(ask.Arguments),
        Source.Spawn spawn => Of(spawn.Arguments),
        _ => throw new UnreachableException(),
    };

    private static ImmutableArray<CodeTree> Of(Condition condition) => condition switch
    {
        Condition.Test test => [Of(test.Expr)],
        Condition.Bind bind => Of(bind.Value),
        _ => throw new UnreachableException(),
    };

    private static ImmutableArray<CodeTree> Of(ElseClause? clause) => clause is null ? [] : [Of(clause.Body)];

    private static ImmutableArray<CodeTree> Of(ElseBranch? branch) => branch switch
    {
        null => [],
        ElseBranch.Body body => [Of(body.Block)],
        ElseBranch.Chain chain => [Of(chain.If)],
        _ => throw new UnreachableException(),
    };

    private static ImmutableArray<CodeTree> Of(ArgumentList arguments) =>
    [
        .. arguments.Items.Select(argument => argument.Value).Where(one => one is not ArgumentValue.TypeArgument)
            .Select(one => one switch
            {
                ArgumentValue.Value value => Of(value.Expr),
                ArgumentValue.Lambda lambda => Of(lambda.Body),
                _ => throw new UnreachableException(),
            }),
    ];
}
