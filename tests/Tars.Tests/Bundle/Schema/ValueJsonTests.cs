using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Xunit;

namespace Tars.Tests.Bundle.Schema;

/// <summary>Values as JSON and back, by their type.</summary>
public sealed class ValueJsonTests
{
    [Theory]
    [InlineData("int", "-9223372036854775808")]
    [InlineData("float", "1.0")]
    [InlineData("float", "1.5e-7")]
    [InlineData("text", "\"a\\\"\\\\\\n\\u0001é\"")]
    [InlineData("bytes", "\"AAH/\"")]
    [InlineData("duration", "\"250ms\"")]
    [InlineData("duration", "\"-1ns\"")]
    [InlineData("instant", "\"2025-10-11T22:14:15.003Z\"")]
    [InlineData("instant", "\"1969-12-31T23:59:59.999999999Z\"")]
    [InlineData("map<int, bool>", "{\"-1\":true,\"2\":false}")]
    [InlineData("R{a: int?, b: V[x, y{z: list<bool>}]}", "{\"a\":null,\"b\":{\"y\":{\"z\":[true]}}}")]
    [InlineData("int!", "{\"failure\":{\"kind\":\"gone\",\"detail\":\"\"}}")]
    public void Canonical_json_is_read_and_written_again(string type, string json) =>
        Assert.Equal(json, Again(type, json));

    [Theory]
    [InlineData("float", "1", "1.0")]
    [InlineData("float", "100000000000000000", "1e17")]
    [InlineData("duration", "\"60000ms\"", "\"1m\"")]
    [InlineData("map<text, int>", "{ \"b\": 1, \"a\": 2 }", "{\"a\":2,\"b\":1}")]
    [InlineData("R{a: int?, b: int =0700000000000000}", "{\"other\": [1, {}]}", "{\"a\":null,\"b\":7}")]
    public void Other_forms_are_read_too(string type, string json, string canonical) =>
        Assert.Equal(canonical, Again(type, json));

    [Theory]
    [InlineData("int", "1.5", "$: a whole number of 64 bits expected")]
    [InlineData("int", "9223372036854775808", "$: a whole number of 64 bits expected")]
    [InlineData("float", "1e999", "$: a number expected")]
    [InlineData("list<int>", "[1, true]", "$[1]: a whole number of 64 bits expected")]
    [InlineData("R{a: int}", "{}", "$: `a` is missing")]
    [InlineData("R{a: int =}", "{}", "$: `a` is missing")]
    [InlineData("R{a: int}", "{\"a\":1,\"a\":2}", "$.a: each member once expected")]
    [InlineData("map<int, int>", "{\"1\":1,\"01\":2}", "$.01: each key once expected")]
    [InlineData("V[x, y{z: int}]", "\"y\"", "$: one of x, y expected")]
    [InlineData("V[x, y{z: int}]", "{\"y\":{\"z\":1},\"x\":{}}", "$: one of x, y expected")]
    [InlineData("instant", "\"2025-02-29T00:00:00Z\"", "$: an instant such as \"2000-01-01T00:00:00Z\" expected")]
    [InlineData("instant", "\"2300-01-01T00:00:00Z\"", "$: an instant such as \"2000-01-01T00:00:00Z\" expected")]
    [InlineData("duration", "\"9223372036854775808ns\"", "$: a duration such as \"250ms\" expected")]
    [InlineData("text", "\"\\ud800\"", "$: text that is not Unicode")]
    [InlineData("ref<a>", "1", "$: a process, capability or blob cannot be written as JSON")]
    [InlineData("int", "[", "$: not JSON")]
    public void What_does_not_fit_is_said_with_its_path(string type, string json, string error) =>
        Assert.Equal(error, ValueJsonReader.Read(Parse(type), Encoding.UTF8.GetBytes(json), new ByteWriter()));

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(9007199254740993, "9007199254740992.0")]
    [InlineData(1e16, "1e16")]
    [InlineData(12345678901234567890d, "1.2345678901234567e19")]
    [InlineData(0.00001, "0.00001")]
    [InlineData(0.000012, "0.000012")]
    [InlineData(0.0000099, "9.9e-6")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(-123.456, "-123.456")]
    [InlineData(100, "100.0")]
    public void A_float_has_one_text(double value, string text) => Assert.Equal(text, FloatText.Of(value));

    [Fact]
    public void Every_finite_float_reads_back_the_same()
    {
        var random = new Xoshiro256(31);
        for (int round = 0; round < 20_000; round++)
        {
            double value = BitConverter.UInt64BitsToDouble(random.Next());
            if (double.IsFinite(value))
            {
                Assert.Equal(value, double.Parse(FloatText.Of(value), CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public void Every_instant_and_duration_reads_back_the_same()
    {
        var random = new Xoshiro256(32);
        for (int round = 0; round < 20_000; round++)
        {
            long value = (long)random.Next() >> random.Next(60);
            Assert.True(InstantText.TryParse(InstantText.Of(value), out long instant));
            Assert.True(DurationText.TryParse(DurationText.Of(value), out long duration));
            Assert.Equal((value, value), (instant, duration));
        }
    }

    [Fact]
    public void Every_value_survives_its_json()
    {
        var random = new Xoshiro256(33);
        for (int round = 0; round < 2_000; round++)
        {
            var type = Schemas.Type(random, depth: 4, slots: false);
            var value = Schemas.Value(type, random, finite: true);
            var json = new ByteWriter();
            Assert.Null(ValueJson.Write(type, value, json));
            var back = new ByteWriter();
            Assert.Null(ValueJsonReader.Read(type, json.ToArray(), back));
            Assert.Equal(value, back.ToArray());
        }
    }

    [Fact]
    public void No_json_makes_the_reader_throw()
    {
        var random = new Xoshiro256(34);
        for (int round = 0; round < 5_000; round++)
        {
            var type = Schemas.Type(random, depth: 3, slots: false);
            var json = new ByteWriter();
            ValueJson.Write(type, Schemas.Value(type, random, finite: true), json);
            byte[] bytes = json.ToArray();
            for (int flips = 1 + random.Next(3); 0 < flips && 0 < bytes.Length; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)"{}[]\",:0n\\u\xff"[random.Next(12)];
            }

            var read = new ByteWriter();
            if (ValueJsonReader.Read(type, bytes, read) is null)
            {
                Assert.True(ValueEncoding.IsValid(type, read.Written));
            }
        }
    }

    [Fact]
    public void A_nan_has_no_json() =>
        Assert.NotNull(
            ValueJson.Write(new SchemaType.Float(), Convert.FromHexString("000000000000f87f"), new ByteWriter()));

    private static string Again(string type, string json)
    {
        var value = new ByteWriter();
        Assert.Null(ValueJsonReader.Read(Parse(type), Encoding.UTF8.GetBytes(json), value));
        var output = new ByteWriter();
        Assert.Null(ValueJson.Write(Parse(type), value.Written, output));
        return Encoding.UTF8.GetString(output.Written);
    }

    private static SchemaType Parse(string text)
    {
        Assert.True(SchemaParser.TryParse(text, out var type));
        return type;
    }
}
