using Tars.Base;
using Tars.Bundle.Schema;
using Xunit;

namespace Tars.Tests.Bundle.Schema;

/// <summary>The canonical text of types and its parser are each other's inverse.</summary>
public sealed class SchemaTextTests
{
    [Theory]
    [InlineData("int?!")]
    [InlineData("map<text, list<R{a: int, b: text =00000000, c: V[x, y{z: bool?}]}>>")]
    [InlineData("robot.Line{at: instant =}")]
    [InlineData("{a: ref<worker>, b: cap<block>, c: blob}")]
    public void What_is_canonical_is_read_and_written_again(string text)
    {
        Assert.True(SchemaParser.TryParse(text, out var type));
        Assert.Equal(text, SchemaText.Of(type));
    }

    [Theory]
    [InlineData("")]
    [InlineData("integer")]
    [InlineData("list<int")]
    [InlineData("list<int>>")]
    [InlineData("map<float, int>")]
    [InlineData("map<text,int>")]
    [InlineData("R{a: int,b: int}")]
    [InlineData("R{a: int, a: int}")]
    [InlineData("R{a: int =0000}")]
    [InlineData("V[]")]
    [InlineData("V[a, a]")]
    [InlineData("V[a{}]")]
    [InlineData("int??")]
    [InlineData(" int")]
    public void What_is_not_canonical_is_refused(string text) => Assert.False(SchemaParser.TryParse(text, out _));

    [Fact]
    public void Deep_nesting_is_refused_and_not_followed()
    {
        var text = string.Concat(Enumerable.Repeat("list<", 100_000));
        Assert.False(SchemaParser.TryParse(text, out _));
    }

    [Fact]
    public void Every_type_survives_its_text()
    {
        var random = new Xoshiro256(21);
        for (int round = 0; round < 2_000; round++)
        {
            var type = Schemas.Type(random, depth: 4, slots: true);
            var text = SchemaText.Of(type);
            Assert.True(SchemaParser.TryParse(text, out var read), text);
            Assert.Equal(type, read);
            Assert.Equal(text, SchemaText.Of(read));
        }
    }
}
