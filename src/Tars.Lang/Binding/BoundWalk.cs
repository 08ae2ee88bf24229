namespace Tars.Lang.Binding;

/// <summary>Visits every expression inside an expression, from the outside in.</summary>
public static class BoundWalk
{
    public static void Visit(BoundExpr expr, Action<BoundExpr> visit)
    {
        visit(expr);
        foreach (BoundExpr child in Children(expr))
        {
            Visit(child, visit);
        }
    }

    public static IEnumerable<BoundExpr> Children(BoundExpr expr) => expr switch
    {
        BoundExpr.Some some => [some.Value],
        BoundExpr.Success success => [success.Value],
        BoundExpr.FailureOf failure => [failure.Value],
        BoundExpr.Field field => [field.Target],
        BoundExpr.Index index => [index.Target, index.At],
        BoundExpr.MakeRecord make => make.Fields.Select(field => field.Value),
        BoundExpr.MakeCase make => make.Fields.Select(field => field.Value),
        BoundExpr.ListLiteral list => list.Items,
        BoundExpr.MapLiteral map => map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }),
        BoundExpr.If branch => [branch.Condition, branch.Then, branch.Else],
        BoundExpr.And and => [and.Left, and.Right],
        BoundExpr.Or or => [or.Left, or.Right],
        BoundExpr.Not not => [not.Operand],
        BoundExpr.Negate negate => [negate.Operand],
        BoundExpr.Binary binary => [binary.Left, binary.Right],
        BoundExpr.Compare compare => [compare.Left, compare.Right],
        BoundExpr.Coalesce coalesce => [coalesce.Left, coalesce.Right],
        BoundExpr.Template template => template.Parts.OfType<BoundTemplatePart.Hole>().Select(hole => hole.Value),
        BoundExpr.CallFunction call => call.Arguments,
        BoundExpr.CallProcedure call => call.Arguments,
        BoundExpr.CallBuiltIn call => call.Arguments,
        BoundExpr.CallIntrinsic call => call.Arguments,
        BoundExpr.CallMethod call => call.Arguments.Prepend(call.Receiver),
        BoundExpr.LambdaMethod call => [call.Receiver, call.Body],
        _ => [],
    };
}
