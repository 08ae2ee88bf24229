using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>The outline that the tidy checks stand on sees types and members and is not fooled by texts.</summary>
public sealed class CSharpOutlineTests
{
    [Theory]
    [InlineData("a // {\nb", "a b")]
    [InlineData("a /* { */ b", "a b")]
    [InlineData("a \"{\\\"{\" b", "a b")]
    [InlineData("a @\"{\"\"{\" b", "a b")]
    [InlineData("a '{' '\\'' b", "a b")]
    [InlineData("a $\"{{ {x} \" b", "a x b")]
    [InlineData("a $\"{f(\"{\")}\" b", "a f( ) b")]
    [InlineData("a \"\"\"{ \" }\"\"\" b", "a b")]
    public void Texts_and_comments_are_blanked_in_place_and_holes_are_not(string code, string remaining)
    {
        var blanked = CSharpBlanker.Blank(code);

        Assert.Equal(code.Length, blanked.Length);
        Assert.Equal(remaining, string.Join(' ', blanked.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void Types_are_seen_with_their_kind_and_base()
    {
        var outline = CSharpOutline.Of("""
            namespace N;

            [Attribute(X = 1)]
            public abstract record Expr(int A = 1)
            {
                public sealed record Name(string Text) : Expr(2);
            }

            internal readonly record struct Id(int Value);
            public enum Colour { Red }
            """);

        Assert.Equal(
            [
                "public record Expr :  at 3",
                "public nested record Name : Expr at 6",
                "record struct Id :  at 9",
                "public enum Colour :  at 10",
            ],
            outline.Types.Select(type =>
                $"{(type.IsPublic ? "public " : "")}{(type.IsNested ? "nested " : "")}"
                + $"{type.Kind} {type.Name} : {type.Base} at {type.Line}"));
    }

    [Fact]
    public void Members_are_measured_from_head_to_brace_and_tables_are_not_members()
    {
        var outline = CSharpOutline.Of("""
            namespace N;

            class C
            {
                private readonly int[] _table = new[]
                {
                    1,
                };

                public C(int a = 1)
                {
                    if (a == 1) { a++; }
                }

                int Long(
                    int x) => x switch
                {
                    _ => 2,
                };

                int Short => 3;
            }
            """);

        Assert.Equal(
            ["C at 10: 4", "Long at 15: 5", "Short at 21: 1"],
            outline.Members.Select(member => $"{member.Name} at {member.Line}: {member.LineCount}"));
    }
}
