using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Loops, and that no loop changes what it walks.</summary>
internal sealed partial class BodyBinder
{
    private BoundStmt.While BindWhile(Stmt.While loop)
    {
        _loopDepth++;
        BoundExpr condition = BindAs(loop.Condition, CoreTypes.Bool);
        BoundBlock body = BindBlock(loop.Body);
        _loopDepth--;
        return new BoundStmt.While(condition, body, loop.Span);
    }

    private BoundStmt.ForRange BindForRange(Stmt.ForRange loop)
    {
        BoundExpr low = BindAs(loop.From, CoreTypes.Int);
        BoundExpr high = BindAs(loop.To, CoreTypes.Int);
        int mark = _locals.Open();
        LocalSymbol local = Declare(loop.Name, CoreTypes.Int, isMutable: false);
        BoundBlock body = BindLoopBody(loop.Body);
        _locals.Close(mark);
        return new BoundStmt.ForRange(local, low, high, body, loop.Span);
    }

    private BoundStmt BindForEach(Stmt.ForEach loop)
    {
        BoundExpr collection = BindSome(loop.Collection);
        CheckNotChanged(loop);
        int mark = _locals.Open();
        BoundStmt bound = (collection.Type, loop.Second) switch
        {
            (LangType.List list, null) => BindForList(loop, collection, list),
            (LangType.Map map, Identifier second) => BindForMap(loop, collection, map, second),
            _ => BindLostLoop(loop, collection.Type),
        };
        _locals.Close(mark);
        return bound;
    }

    private BoundStmt.ForList BindForList(Stmt.ForEach loop, BoundExpr collection, LangType.List list)
    {
        LocalSymbol item = Declare(loop.First, list.Element, isMutable: false);
        return new BoundStmt.ForList(item, collection, BindLoopBody(loop.Body), loop.Span);
    }

    private BoundStmt.ForMap BindForMap(Stmt.ForEach loop, BoundExpr collection, LangType.Map map, Identifier second)
    {
        LocalSymbol key = Declare(loop.First, map.Key, isMutable: false);
        LocalSymbol value = Declare(second, map.Value, isMutable: false);
        return new BoundStmt.ForMap(key, value, collection, BindLoopBody(loop.Body), loop.Span);
    }

    /// <summary>What cannot be walked is reported; the body is checked all the same.</summary>
    private BoundStmt.Bad BindLostLoop(Stmt.ForEach loop, LangType type)
    {
        if (!type.IsBad())
        {
            string mend = type switch
            {
                LangType.Map => "a map gives two names: `for key, value in …`, or walk `.keys()`",
                LangType.List => "a list gives one name: `for item in …`",
                LangType.Int => "write `for i in 0..n`",
                LangType.Text => "walk its parts: `.split(\"…\")`, or `.to_bytes()` by index",
                LangType.Bytes => "walk the indexes: `for i in 0..b.len()`",
                LangType.Optional or LangType.Fallible => "unwrap it first",
                _ => "walk a list, a map or a range",
            };
            Report(Diagnostics.Report.CannotWalk(loop.Collection.Span, TypeText.Of(type), mend));
        }

        Declare(loop.First, CoreTypes.Error, isMutable: false);
        if (loop.Second is Identifier second)
        {
            Declare(second, CoreTypes.Error, isMutable: false);
        }

        BindLoopBody(loop.Body);
        return new BoundStmt.Bad(loop.Span);
    }

    private BoundBlock BindLoopBody(Block body)
    {
        _loopDepth++;
        BoundBlock bound = BindBlock(body);
        _loopDepth--;
        return bound;
    }

    private void CheckNotChanged(Stmt.ForEach loop)
    {
        if (PlacePath.Of(loop.Collection) is not PlacePath walked)
        {
            return;
        }

        CodeFacts facts = CodeFacts.Of(loop.Body);
        bool isState = _agent is not null && _agent.State.ContainsKey(walked.Root) && !_locals.Has(walked.Root);
        if (facts.Writes.Any(walked.Touches)
            || (isState && _agent!.Facts.WrittenThrough(facts).Contains(walked.Root)))
        {
            Report(Diagnostics.Report.WalkedAndChanged(loop.Collection.Span, walked.Root));
        }
    }
}
