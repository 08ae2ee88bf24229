using Tars.Base;
using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>
/// Takes out of a wrong statement what cannot be trusted, so that nobody reports the same mistake again.
/// </summary>
/// <remarks>What it declares stays, and so do the blocks inside it: they were read by themselves.</remarks>
internal static class StatementRepair
{
    public static Stmt WithoutBrokenParts(Stmt statement, TextSpan span)
    {
        var missing = new Expr.Missing(span);
        return statement switch
        {
            Stmt.Let let => let with { Type = null, Value = new Source.Value(missing) },
            Stmt.If branch => branch with { Condition = Repaired(branch.Condition, missing) },
            Stmt.While loop => loop with { Condition = missing },
            Stmt.ForRange loop => loop with { From = missing, To = missing },
            Stmt.ForEach loop => loop with { Collection = missing },
            Stmt.Match match => match with { Subject = missing },
            _ => new Stmt.Missing(span, Trivia.None),
        };
    }

    private static Condition Repaired(Condition condition, Expr.Missing missing) => condition switch
    {
        Condition.Bind bind => bind with { Value = new Source.Value(missing) },
        _ => new Condition.Test(missing),
    };
}
