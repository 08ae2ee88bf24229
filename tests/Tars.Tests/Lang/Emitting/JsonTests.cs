using System.Text;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Schema;
using Tars.Tests.Bundle.Schema;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// What compiled programs write and read as JSON is what the bundle's own writer and reader do, which stand on
/// another reader of JSON; also for JSON that is wrong.
/// </summary>
public sealed class JsonTests
{
    private const string Program = """
        tars: 1
        module: json
        version: 1.0.0
        summary: JSON in and out.
        capabilities:
          subscribe: { in/json: bytes, in/value: All }
          publish: { out/value: All, out/json: bytes, out/failure: Failure }
        types:
          Color: [red, green, blue]
          Shape: [dot, line: { from: int, to: float }, named: { name: text, of: Color }]
          Inner:
            a: int
            b: float?
            c: list<text>
          All:
            flag: bool
            number: int
            real: float
            words: text
            data: bytes
            wait: duration
            at: instant
            color: Color
            shape: Shape
            maybe: Inner?
            rows: list<Inner>
            names: map<text, int>
            by_number: map<int, bool>
            by_flag: map<bool, text>
            by_color: map<Color, duration>
            by_bytes: map<bytes, Shape>
            by_wait: map<duration, list<float>>
            by_time: map<instant, int>
            deep: list<list<map<text, Inner>>>
            filled: int = 42
            listed: list<int> = [1, 2]
        handlers:
          message in/json as data:
            do: |
              let value = json_decode(All, data) else why {
                publish("out/failure", why)
                return
              }
              publish("out/value", value)
          message in/value as value:
            do: |
              publish("out/json", json_response(200, value).body)

        """;

    [Fact]
    public void Values_are_written_as_the_bundle_writes_them_and_read_back()
    {
        using var process = CompiledProcess.Start(Program);
        var type = process.Bundle.Manifest.Subscribes[1].Type;
        for (ulong seed = 0; seed < 400; seed++)
        {
            byte[] value = Schemas.Value(type, new Xoshiro256(seed), finite: true);
            var expected = new ByteWriter();
            Assert.Null(ValueJson.Write(type, value, expected));
            var written = Assert.Single(process.Run([Event(process, "in/value", value)]).Effects).Bytes[1];
            var json = written.AsSpan(4).ToArray();
            Assert.Equal(Encoding.UTF8.GetString(expected.Written), Encoding.UTF8.GetString(json));
            Assert.Equal(value, Decode(process, json, out string? why));
            Assert.Null(why);
        }
    }

    [Fact]
    public void Json_that_is_wrong_is_malformed_for_the_same_reason()
    {
        using var process = CompiledProcess.Start(Program);
        var type = process.Bundle.Manifest.Subscribes[1].Type;
        for (ulong seed = 0; seed < 3000; seed++)
        {
            var random = new Xoshiro256(seed);
            var written = new ByteWriter();
            Assert.Null(ValueJson.Write(type, Schemas.Value(type, random, finite: true), written));
            byte[] json = Mutated(written.ToArray(), random);
            Compare(process, type, json, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("nul")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{} {}")]
    [InlineData("{\"flag\":true,\"flag\":true}")]
    [InlineData("{\"fl\\u0061g\":1}")]
    [InlineData("{\"flag\":tru}")]
    [InlineData("{\"flag\":true,}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"flag\":false,\"number\":1.0}")]
    [InlineData("{\"flag\":false,\"number\":9223372036854775808}")]
    [InlineData("{\"flag\":false,\"number\":-9223372036854775808,\"real\":1e400}")]
    [InlineData("{\"flag\":false,\"number\":01}")]
    [InlineData("{\"flag\":false,\"number\":1,\"real\":-0.0e-5,\"words\":\"\\ud800\\u0041\"}")]
    [InlineData("{\"flag\":false,\"number\":1,\"real\":.5}")]
    [InlineData("{\"flag\":false,\"number\":1,\"real\":1,\"words\":\"\\ud834\\udd1e\\n\",\"data\":\"QQ=\"}")]
    [InlineData("{\"flag\":false,\"number\":1,\"real\":1,\"words\":\"tab\tin\"}")]
    [InlineData("{\"flag\":false,\"number\":1,\"real\":1,\"words\":\"\\x\"}")]
    [InlineData("{\"flag\":false,\"number\":1,\"real\":1,\"words\":7}")]
    public void A_document_is_read_as_by_others(string json)
    {
        using var process = CompiledProcess.Start(Program);
        Compare(process, process.Bundle.Manifest.Subscribes[1].Type, Encoding.UTF8.GetBytes(json), json);
    }

    [Theory]
    [InlineData("-1d", true)]
    [InlineData("9223372036854775807ns", true)]
    [InlineData("106752d", false)]
    [InlineData("1h30m", false)]
    [InlineData("5", false)]
    [InlineData("", false)]
    [InlineData("ms", false)]
    public void Durations_have_one_unit(string text, bool good) => CompareMember("wait", text, good);

    [Theory]
    [InlineData("2000-02-29T23:59:59.999999999Z", true)]
    [InlineData("1900-02-29T00:00:00Z", false)]
    [InlineData("1677-09-21T00:12:43.145224192Z", true)]
    [InlineData("1677-09-21T00:12:43.145224191Z", false)]
    [InlineData("2262-04-11T23:47:16.854775807Z", true)]
    [InlineData("2262-04-11T23:47:16.854775808Z", false)]
    [InlineData("2000-01-01T24:00:00Z", false)]
    [InlineData("2000-01-01T00:00:60Z", false)]
    [InlineData("2000-13-01T00:00:00Z", false)]
    [InlineData("2000-01-01T00:00:00.Z", false)]
    [InlineData("2000-01-01T00:00:00.1234567890Z", false)]
    [InlineData("2000-01-01T00:00:00+00:00", false)]
    [InlineData("2000-01-01 00:00:00Z", false)]
    public void Instants_are_in_the_calendar_and_in_64_bits(string text, bool good) => CompareMember("at", text, good);

    [Theory]
    [InlineData(200, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(100_000, false)]
    public void What_is_skipped_is_looked_at_too_and_no_deeper_than_others_look(int depth, bool good)
    {
        using var process = CompiledProcess.Start(Program);
        var type = process.Bundle.Manifest.Subscribes[1].Type;
        var written = new ByteWriter();
        Assert.Null(ValueJson.Write(type, Schemas.Value(type, new Xoshiro256(1), finite: true), written));
        string json = $"{{\"more\":{new string('[', depth)}{new string(']', depth)},"
            + Encoding.UTF8.GetString(written.Written)[1..];
        Compare(process, type, Encoding.UTF8.GetBytes(json), $"{depth}");
        _ = Decode(process, Encoding.UTF8.GetBytes(json), out string? why);
        Assert.Equal(good ? null : "$: not JSON", why);
    }

    private static void CompareMember(string name, string text, bool good)
    {
        using var process = CompiledProcess.Start(Program);
        var type = (SchemaType.Record)process.Bundle.Manifest.Subscribes[1].Type;
        var parts = new List<string>();
        foreach (var field in type.Fields)
        {
            var json = new ByteWriter();
            Assert.Null(ValueJson.Write(
                field.Type, Schemas.Value(field.Type, new Xoshiro256(7), finite: true), json));
            string value = field.Name == name ? $"\"{text}\"" : Encoding.UTF8.GetString(json.Written);
            parts.Add($"\"{field.Name}\":{value}");
        }

        byte[] whole = Encoding.UTF8.GetBytes($"{{{string.Join(',', parts)}}}");
        Compare(process, type, whole, text);
        _ = Decode(process, whole, out string? why);
        Assert.Equal(good, why is null);
    }

    private static void Compare(CompiledProcess process, SchemaType type, byte[] json, string what)
    {
        var expected = new ByteWriter();
        string? reason = ValueJsonReader.Read(type, json, expected);
        byte[]? value = Decode(process, json, out string? why);
        Assert.True(reason == why, $"{what}: {reason} / {why}\n{Encoding.UTF8.GetString(json)}");
        if (reason is null)
        {
            Assert.Equal(expected.ToArray(), value);
        }
    }

    private static byte[]? Decode(CompiledProcess process, byte[] json, out string? why)
    {
        var payload = new ByteWriter();
        payload.U32((uint)json.Length);
        payload.Bytes(json);
        var outcome = process.Run([Event(process, "in/json", payload.ToArray())]);
        Assert.True(outcome.Trap is null, $"{outcome.Trap} {Encoding.UTF8.GetString(json)}");
        var effect = Assert.Single(outcome.Effects);
        why = null;
        if (Encoding.UTF8.GetString(effect.Bytes[0]) == "out/value")
        {
            return effect.Bytes[1];
        }

        var failure = new ByteReader(effect.Bytes[1]);
        Assert.Equal(6, failure.U16());
        why = failure.Text();
        return null;
    }

    private static GuestEvent Event(CompiledProcess process, string channel, byte[] payload) => new(
        EventKind.Handler,
        process.Agent.Handlers.ToList().FindIndex(one => one.Subject == channel),
        0,
        payload);

    private static byte[] Mutated(byte[] json, Xoshiro256 random)
    {
        var text = Encoding.UTF8.GetString(json).EnumerateRunes().Select(one => one.ToString()).ToList();
        string[] pieces = ["\"", "{", "}", "[", "]", ",", ":", "0", "-", "e", "\\u0041", "null", "true", " ", "x", "."];
        for (int edits = 1 + random.Next(2); 0 < edits; edits--)
        {
            int at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text.RemoveAt(at);
                    break;
                case 1:
                    text[at] = pieces[random.Next(pieces.Length)];
                    break;
                case 2:
                    text.Insert(at, pieces[random.Next(pieces.Length)]);
                    break;
                default:
                    int size = Math.Min(random.Next(12), text.Count - at);
                    text.RemoveRange(at, size);
                    break;
            }
        }

        return Encoding.UTF8.GetBytes(string.Concat(text));
    }
}
