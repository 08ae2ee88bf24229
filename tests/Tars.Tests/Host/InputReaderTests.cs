using System.Text;
using Tars.Bundle.Schema;
using Tars.Host;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>How far an input is read ahead of those who take it.</summary>
public sealed class InputReaderTests
{
    private const int Ahead = 3;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_input_is_read_ahead_by_three_batches_however_many_have_come_back(bool isJson)
    {
        using var filled = new ArrivalQueue(CancellationToken.None);
        using var numbers = new Numbers();
        SchemaType? json = isJson ? new SchemaType.Int() : null;
        using var reader = new InputReader("n", numbers, device: null, json, filled) { Place = "n" };
        reader.Start();
        for (int round = 0; round < 20; round++)
        {
            var batch = Take(filled);
            Assert.NotNull(batch);
            Assert.Equal(1, batch.Count);
            Assert.Equal(Value(round, isJson), batch.Line(0).ToArray());
            reader.Return(batch);
        }

        int ahead = 0;
        while (ahead <= Ahead && Take(filled) is { } batch)
        {
            Assert.Equal(Value(20 + ahead, isJson), batch.Line(0).ToArray());
            ahead++;
        }

        Assert.Equal(Ahead, ahead);
    }

    private static byte[] Value(int number, bool isJson)
    {
        if (!isJson)
        {
            return Encoding.UTF8.GetBytes($"{number}");
        }

        var value = new Tars.Base.ByteWriter();
        Assert.Null(ValueJsonReader.Read(new SchemaType.Int(), Encoding.UTF8.GetBytes($"{number}"), value));
        return value.Written.ToArray();
    }

    // Null when none has come for a while: then the thread waits for one that comes back.
    private static LineBatch? Take(ArrivalQueue filled)
    {
        long until = Environment.TickCount64 + 3_000;
        while (Environment.TickCount64 < until)
        {
            if (filled.TryTake(out var arrival, 100_000_000))
            {
                return arrival.Batch;
            }
        }

        return null;
    }

    /// <summary>A line for each time that it is read.</summary>
    private sealed class Numbers : MemoryStream
    {
        private int _next;

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => Encoding.UTF8.GetBytes($"{_next++}\n", buffer);
    }
}
