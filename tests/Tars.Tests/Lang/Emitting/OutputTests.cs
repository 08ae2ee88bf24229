using Tars.Base;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>What is encoded is whole, however long it is and in however many pieces it comes.</summary>
public sealed class OutputTests
{
    private const string Program = """
        tars: 1
        module: pieces
        version: 1.0.0
        summary: Answers with many texts.

        agentic:
          agents:
            main:
              role: Answers.
              handlers:
                ask answer:
                  with: { one: text, count: int }
                  returns: list<text>
                  do: |
                    var all: list<text> = []
                    for i in 0..count { all.push(one) }
                    return all
        """;

    // At each of its edges a buffer gives way to a larger one, and is empty again for the next event.
    [Theory]
    [InlineData(1, 480, 520)]
    [InlineData(1, 3_290, 3_330)]
    [InlineData(2, 240, 270)]
    [InlineData(7, 460, 490)]
    [InlineData(40, 1, 90)]
    [InlineData(3, 3_000, 3_020)]
    public void An_answer_of_any_length_is_whole(int count, int shortest, int longest)
    {
        using var process = CompiledProcess.Start(Program);
        var events = new List<GuestEvent>();
        var expected = new List<byte[]>();
        for (int length = shortest; length <= longest; length++)
        {
            string one = string.Concat(Enumerable.Range(0, length).Select(place => (char)('a' + (place % 26))));
            events.Add(process.Event("ask answer", $"[\"{one}\", {count}]"));
            events.Add(process.Event("ask answer", "[\"short\", 1]"));
            expected.Add(Encoded(one, count));
            expected.Add(Encoded("short", 1));
        }

        var outcome = process.Run(events, batch: 10);
        Assert.Null(outcome.Trap);
        Assert.Equal(expected, outcome.Effects.Select(one => one.Bytes[0]));
    }

    private static byte[] Encoded(string one, int count)
    {
        var output = new ByteWriter();
        output.U32((uint)count);
        for (int left = count; 0 < left; left--)
        {
            output.Text(one);
        }

        return output.ToArray();
    }
}
