using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Block;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;
using BlockHost = Tars.Devices.Block.Host;

namespace Tars.Tests.Devices;

/// <summary>The block device in a file and its twin in memory say the same; only the first outlives its run.</summary>
public sealed class BlockTests : IDisposable
{
    private const int Sectors = 16;

    private readonly string _file = Path.GetTempFileName();

    public BlockTests() => File.WriteAllBytes(_file, new byte[Sectors * Protocol.SectorBytes]);

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_file_and_the_memory_answer_alike(int seed)
    {
        var random = new Xoshiro256((ulong)seed);
        long[] places = [0, 1, 7, Sectors - 1, Sectors, -1, long.MaxValue, long.MinValue];
        long[] counts = [0, 1, 2, Sectors, 3_000, -1, long.MaxValue];
        var host = new BlockHost(_file);
        var twin = new Simulated(Sectors, tornAfter: null);
        for (int turn = 0; turn < 500; turn++)
        {
            long place = places[random.Next(places.Length)];
            var asked = random.Next(5) switch
            {
                0 => Ask(Device.Info, []),
                1 => Ask(Device.Flush, []),
                2 => Read(place, counts[random.Next(counts.Length)]),
                3 => Write(place, Octets(random, random.Next(4) * Protocol.SectorBytes)),
                _ => Write(place, Octets(random, random.Next(1_500))),
            };
            Assert.Equal(Text(twin.Ask(asked)), Text(host.Ask(asked)));
            if (turn % 100 == 0)
            {
                host.Dispose();
                host = new BlockHost(_file);
            }
        }

        Assert.Equal(Text(new Simulated(0, tornAfter: null).Ask(Ask(9, []))), Text(host.Ask(Ask(9, []))));
        host.Dispose();
        Assert.Equal(Sectors * Protocol.SectorBytes, new FileInfo(_file).Length);
    }

    [Fact]
    public void A_link_to_what_is_no_file_is_no_device()
    {
        string folder = Directory.CreateTempSubdirectory("tars-block-").FullName;
        try
        {
            string pipe = Path.Combine(folder, "pipe");
            Assert.Equal(0, Tool.Run("mkfifo", [pipe]).Status);
            string link = Path.Combine(folder, "link");
            File.CreateSymbolicLink(link, pipe);
            Assert.Throws<InvalidDataException>(() => new BlockHost(pipe).Dispose());
            Assert.Throws<InvalidDataException>(() => new BlockHost(link).Dispose());
            string whole = Path.Combine(folder, "whole");
            File.CreateSymbolicLink(whole, _file);
            new BlockHost(whole).Dispose();
            Assert.ThrowsAny<IOException>(() => new BlockHost(Path.Combine(folder, "none")).Dispose());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_file_is_one_run_s_at_a_time()
    {
        using var host = new BlockHost(_file);
        Assert.ThrowsAny<IOException>(() => new BlockHost(_file).Dispose());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    [InlineData(1_025)]
    public void A_file_that_is_no_whole_number_of_sectors_is_no_device(int size)
    {
        File.WriteAllBytes(_file, new byte[size]);
        Assert.Throws<InvalidDataException>(() => new BlockHost(_file).Dispose());
        File.WriteAllBytes(_file, new byte[512]);
        new BlockHost(_file).Dispose();
    }

    private static byte[] Octets(Xoshiro256 random, int count)
    {
        byte[] octets = new byte[count];
        for (int at = 0; at < count; at++)
        {
            octets[at] = (byte)random.Next(256);
        }

        return octets;
    }

    private static DeviceAsk Ask(int operation, ReadOnlySpan<byte> arguments) =>
        new(operation, [.. arguments], BuiltInTypes.BlockInfo);

    private static DeviceAsk Read(long sector, long count)
    {
        var arguments = new ByteWriter();
        arguments.I64(sector);
        arguments.I64(count);
        return Ask(Device.Read, arguments.Written);
    }

    private static DeviceAsk Write(long sector, byte[] data)
    {
        var arguments = new ByteWriter();
        arguments.I64(sector);
        arguments.U32((uint)data.Length);
        arguments.Bytes(data);
        return Ask(Device.Write, arguments.Written);
    }

    private static string Text(DeviceAnswer? answer) => answer switch
    {
        DeviceAnswer.Value value => Convert.ToHexString(value.Octets.AsSpan()),
        DeviceAnswer.Failed failed => $"{failed.Why}: {failed.Detail}",
        _ => "never",
    };
}
