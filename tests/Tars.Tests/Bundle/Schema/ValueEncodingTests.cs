using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Schema;
using Xunit;

namespace Tars.Tests.Bundle.Schema;

/// <summary>What is a value of a type, octet by octet, and what is not.</summary>
public sealed class ValueEncodingTests
{
    private static readonly SchemaType _int = new SchemaType.Int();
    private static readonly SchemaType _text = new SchemaType.Text();

    [Theory]
    [InlineData("unit", "")]
    [InlineData("bool", "01")]
    [InlineData("int", "feffffffffffffff")]
    [InlineData("float", "000000000000f87f")]
    [InlineData("text", "02000000c3a9")]
    [InlineData("bytes", "02000000ffff")]
    [InlineData("list<bool>", "02000000" + "0001")]
    [InlineData("map<text, bool>", "02000000" + "0100000061" + "01" + "020000006161" + "00")]
    [InlineData("map<int, unit>", "02000000" + "ffffffffffffffff" + "0000000000000000")]
    [InlineData("{a: list<unit>, b: int}", "02000000" + "0000000000000000")]
    [InlineData("int?", "00")]
    [InlineData("bool?", "0101")]
    [InlineData("bool!", "0001")]
    [InlineData("bool!", "01" + "0400" + "00000000")]
    [InlineData("V[a, b{x: bool}]", "0000")]
    [InlineData("V[a, b{x: bool}]", "010001")]
    [InlineData("R{x: bool, y: unit, z: bool}", "0100")]
    [InlineData("ref<a>", "0100000002000000")]
    public void These_octets_are_a_value(string type, string octets) => Assert.True(IsValid(type, octets));

    [Theory]
    [InlineData("unit", "00")]
    [InlineData("bool", "02")]
    [InlineData("bool", "")]
    [InlineData("bool", "0000")]
    [InlineData("int", "00000000000000")]
    [InlineData("float", "010000000000f87f")]
    [InlineData("float", "000000000000f8ff")]
    [InlineData("text", "02000000c3")]
    [InlineData("text", "02000000c328")]
    [InlineData("text", "ffffffff")]
    [InlineData("text", "03000000eda080")]
    [InlineData("list<bool>", "0300000000")]
    [InlineData("list<unit>", "01000000")]
    [InlineData("list<unit>", "ffffffff")]
    [InlineData("list<R{}>", "ffffffff")]
    [InlineData("map<text, bool>", "02000000" + "020000006161" + "00" + "0100000061" + "01")]
    [InlineData("map<text, bool>", "02000000" + "0100000061" + "00" + "0100000061" + "01")]
    [InlineData("map<int, unit>", "02000000" + "0000000000000000" + "ffffffffffffffff")]
    [InlineData("int?", "02")]
    [InlineData("int?", "01")]
    [InlineData("bool!", "0201")]
    [InlineData("V[a, b{x: bool}]", "0200")]
    [InlineData("V[a, b{x: bool}]", "0100")]
    public void These_octets_are_not(string type, string octets) => Assert.False(IsValid(type, octets));

    [Fact]
    public void Every_value_of_every_type_is_valid_and_stops_being_so_when_an_octet_is_missing_or_added()
    {
        var random = new Xoshiro256(11);
        for (int round = 0; round < 2_000; round++)
        {
            var type = Schemas.Type(random, depth: 4, slots: true);
            var value = Schemas.Value(type, random, finite: false);
            Assert.True(ValueEncoding.IsValid(type, value), SchemaText.Of(type));
            Assert.False(ValueEncoding.IsValid(type, [.. value, 0]));
            Assert.False(0 < value.Length && ValueEncoding.IsValid(type, value.AsSpan(0, value.Length - 1)));
        }
    }

    // Long lists are looked at many words at once: the place of a word among them must not matter.
    [Theory]
    [InlineData("list<R{i: int, f: float}>", 2)]
    [InlineData("list<float>", 1)]
    public void A_word_that_is_no_float_is_found_wherever_it_stands(string type, int words)
    {
        const long Odd = -1; // No float is so encoded, and every integer may be.
        Assert.True(SchemaParser.TryParse(type, out var parsed));
        for (int count = 1; count < 40; count++)
        {
            byte[] list = new byte[4 + (8 * words * count)];
            BinaryPrimitives.WriteInt32LittleEndian(list, count);
            for (int word = 0; word < words * count; word++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(list.AsSpan(4 + (8 * word)), Odd);
                Assert.Equal(words == 2 && word % 2 == 0, ValueEncoding.IsValid(parsed, list));
                BinaryPrimitives.WriteInt64LittleEndian(list.AsSpan(4 + (8 * word)), ValueEncoding.CanonicalNaN);
                Assert.True(ValueEncoding.IsValid(parsed, list));
                BinaryPrimitives.WriteInt64LittleEndian(list.AsSpan(4 + (8 * word)), word);
            }
        }
    }

    [Fact]
    public void No_octets_make_the_check_throw()
    {
        var random = new Xoshiro256(12);
        for (int round = 0; round < 20_000; round++)
        {
            var type = Schemas.Type(random, depth: 4, slots: true);
            var value = Schemas.Value(type, random, finite: false);
            for (int flips = 1 + random.Next(3); 0 < flips && 0 < value.Length; flips--)
            {
                value[random.Next(value.Length)] = (byte)random.Next(256);
            }

            ValueEncoding.IsValid(type, value);
        }
    }

    [Fact]
    public void Types_are_equal_by_structure()
    {
        var left = new SchemaType.Record("A", [new("x", _int, HasDefault: true), new("y", _text)]);
        Assert.Equal<SchemaType>(left, new SchemaType.Record("B", [new("x", _int), new("y", _text)]));
        Assert.NotEqual<SchemaType>(left, new SchemaType.Record("A", [new("y", _text), new("x", _int)]));
    }

    private static bool IsValid(string type, string octets)
    {
        Assert.True(SchemaParser.TryParse(type, out var parsed));
        return ValueEncoding.IsValid(parsed, Convert.FromHexString(octets));
    }
}
