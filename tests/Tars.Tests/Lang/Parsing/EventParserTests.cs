using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Text;
using Tars.Sim.Trees;
using Xunit;

namespace Tars.Tests.Lang.Parsing;

/// <summary>Keys under handlers: which are events, and what they bind.</summary>
public sealed class EventParserTests
{
    [Theory]
    [InlineData("start", "(Start)")]
    [InlineData("stop", "(Stop)")]
    [InlineData("timer tick", "(Timer tick)")]
    [InlineData("ask top", "(Ask top)")]
    [InlineData("exit lead as gone", "(Exit lead gone)")]
    [InlineData("device input as line", "(Device input line)")]
    [InlineData("migrate 1.4 as old", "(Migrate 1.4 old)")]
    [InlineData("refused as why", "(Refused why)")]
    [InlineData("message a/{b} as c", "(Message (PathPattern False [(Literal \"a\"), (Capture b)]) c)")]
    [InlineData("http GET /x/{y} as r", "(Http GET (PathPattern True [(Literal \"x\"), (Capture y)]) r)")]
    [InlineData("http GET / as r", "(Http GET (PathPattern True []) r)")]
    public void An_event_is_read(string key, string tree) => Assert.Equal((tree + "\n", 0), Parse(key));

    [Theory]
    [InlineData("")]
    [InlineData("starts")]
    [InlineData("start now")]
    [InlineData("timer")]
    [InlineData("timer tick now")]
    [InlineData("timer Tick")]
    [InlineData("on tick")]
    [InlineData("message a/+ as b")]
    [InlineData("message a/b")]
    [InlineData("message /a as b")]
    [InlineData("message a//b as c")]
    [InlineData("message a/{if} as c")]
    [InlineData("message a/b/c/d/e/f/g/h/i as j")]
    [InlineData("http get /x as r")]
    [InlineData("http GET x as r")]
    [InlineData("migrate one as old")]
    [InlineData("exit lead gone")]
    [InlineData("ask let")]
    public void What_is_no_event_gets_one_message(string key) => Assert.Equal(("(Missing)\n", 1), Parse(key));

    private static (string Tree, int Messages) Parse(string key)
    {
        var bag = new DiagnosticBag();
        EventSyntax read = EventParser.Parse(SourceSlice.Verbatim(key, 0), bag);
        Assert.All(bag.ToSorted(), message => Assert.Equal("TARS0112", message.Code));
        return (SyntaxText.Of(read), bag.Count);
    }
}
