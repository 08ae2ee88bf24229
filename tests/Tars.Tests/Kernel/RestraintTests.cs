using System.Text;
using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;
using Tars.Kernel.Caps;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>What each restriction of the table leaves of its kind of device.</summary>
public sealed class RestraintTests
{
    [Theory]
    [InlineData("block", """{"from":16,"until":32}""", "read", """{"sector":16,"count":16}""", true)]
    [InlineData("block", """{"from":16,"until":32}""", "read", """{"sector":15,"count":1}""", false)]
    [InlineData("block", """{"from":16,"until":32}""", "read", """{"sector":31,"count":2}""", false)]
    [InlineData("block", """{"from":16,"until":32}""", "read", """{"sector":31,"count":9223372036854775807}""", false)]
    [InlineData("block", """{"until":32}""", "read", """{"sector":-9223372036854775808,"count":-1}""", false)]
    [InlineData("block", """{"until":1}""", "write", """{"sector":0,"data":""}""", true)]
    [InlineData("block", """{"from":1}""", "info", "{}", true)]
    [InlineData("block", """{"read_only":true}""", "write", """{"sector":0,"data":""}""", false)]
    [InlineData("block", """{"read_only":true}""", "read", """{"sector":0,"count":1}""", true)]
    [InlineData("block", """{"read_only":false}""", "write", """{"sector":0,"data":""}""", true)]
    [InlineData("store", """{"prefix":"a/"}""", "get", """{"key":"a/x"}""", true)]
    [InlineData("store", """{"prefix":"a/"}""", "get", """{"key":"A/x"}""", false)]
    [InlineData("store", """{"prefix":"a/"}""", "delete", """{"key":"b/a/"}""", false)]
    [InlineData("store", """{"read_only":true}""", "delete", """{"key":"a"}""", false)]
    [InlineData("fetch", """{"host":"a.example"}""", "get", """{"url":"https://A.example:8080/x"}""", true)]
    [InlineData("fetch", """{"host":"a.example"}""", "get", """{"url":"https://a.example@b.example/"}""", false)]
    [InlineData("fetch", """{"host":"a.example"}""", "get", """{"url":"https://b.example/?a.example"}""", false)]
    [InlineData("fetch", """{"host":"a.example"}""", "get", """{"url":"a.example"}""", false)]
    [InlineData("fetch", """{"host":"a.example"}""", "get", """{"url":"http://xn--é.com/"}""", false)]
    [InlineData("query", """{"uses":1}""", "number", """{"query":""}""", true)]
    [InlineData("query", """{"uses":0}""", "number", """{"query":""}""", false)]
    [InlineData("query", """{"uses":-1}""", "number", """{"query":""}""", false)]
    public void Only_what_a_restriction_leaves_is_allowed(
        string kind, string restriction, string operation, string arguments, bool allowed)
    {
        var row = InterfaceKinds.Find(kind)!.Asks.Single(one => one.Name == operation);
        var bounds = Restraint.Read(kind, Encode(Restrictions.TypeOf(kind), restriction));
        byte[] given = Encode(new SchemaType.Record("", row.Arguments), arguments);
        Assert.Equal(allowed, bounds.All(bound => Restraint.WhyNot(bound, kind, row, given) is null));
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a/b", "a", true)]
    [InlineData("ab", "a", false)]
    [InlineData("a/../b", "a", false)]
    [InlineData("a/./b", "a", false)]
    [InlineData("a\\..\\b", "a", false)]
    [InlineData("a", "a/b", false)]
    [InlineData("x/y", "", true)]
    [InlineData("/x", "", true)]
    public void A_folder_is_within_another_only_below_it(string inner, string outer, bool within) => Assert.Equal(
        within,
        Restraint.IsWithin(
            new Bound(RestrictionRule.Folder, 0, inner), new Bound(RestrictionRule.Folder, 0, outer)));

    [Theory]
    [InlineData("a/x", "a/y", true)]
    [InlineData("a/x", "b/y", false)]
    [InlineData("b/x", "a/y", false)]
    [InlineData("a/x", "a/../b/y", false)]
    public void What_is_moved_lies_in_the_folder_at_both_ends(string path, string to, bool allowed)
    {
        var move = InterfaceKinds.Find("directory")!.Asks.First(one => one.Name == "move");
        byte[] given = Encode(
            new SchemaType.Record("", move.Arguments), $$"""{"path":"{{path}}","to":"{{to}}"}""");
        var bound = new Bound(RestrictionRule.Folder, 0, "a");
        Assert.Equal(allowed, Restraint.WhyNot(bound, "directory", move, given) is null);
    }

    [Fact]
    public void Every_restriction_of_the_table_is_within_itself()
    {
        foreach (string kind in InterfaceKinds.Names)
        {
            foreach (var one in Restrictions.Of(kind))
            {
                var bound = new Bound(one.Rule, 1, "a");
                Assert.True(Restraint.IsWithin(bound, bound));
            }
        }
    }

    private static byte[] Encode(SchemaType type, string json)
    {
        var octets = new ByteWriter();
        Assert.Null(ValueJsonReader.Read(type, Encoding.UTF8.GetBytes(json), octets));
        return octets.ToArray();
    }
}
