using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Store;
using Tars.Kernel.Ports;
using Xunit;
using StoreHost = Tars.Devices.Store.Host;

namespace Tars.Tests.Devices;

/// <summary>The store in a folder and the store in memory say the same; only the first outlives its run.</summary>
public sealed class StoreTests : IDisposable
{
    private static readonly SchemaType _text = new SchemaType.Text();

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-store-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_folder_and_the_memory_answer_alike(int seed)
    {
        var random = new Xoshiro256((ulong)seed);
        string[] keys = ["a", "b", "../../up", "", "with\0zero", "ü", "/etc/passwd", new('k', 1_100)];
        var host = new StoreHost(Path.Combine(_folder, "s"));
        var twin = new Simulated();
        for (int turn = 0; turn < 300; turn++)
        {
            string key = keys[random.Next(keys.Length)];
            int operation = random.Next(4);
            var asked = Ask(operation, key, operation is Device.Put or Device.PutNew ? $"v{turn}" : null);
            Assert.Equal(Text(twin.Ask(asked)), Text(host.Ask(asked)));
            host = turn % 50 == 0 ? new StoreHost(Path.Combine(_folder, "s")) : host;
        }

        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder), one => Path.GetFileName(one) != "s");
    }

    [Fact]
    public void A_damaged_value_is_told_and_never_given()
    {
        var host = new StoreHost(_folder);
        host.Ask(Ask(Device.Put, "a", "value"));
        string file = Assert.Single(Directory.GetFiles(_folder));
        byte[] good = File.ReadAllBytes(file);
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 1;
            File.WriteAllBytes(file, bad);
            Assert.IsType<DeviceAnswer.Failed>(host.Ask(Ask(Device.Get, "a", value: null)));
            File.WriteAllBytes(file, good[..at]);
            Assert.IsType<DeviceAnswer.Failed>(host.Ask(Ask(Device.Get, "a", value: null)));
        }

        File.WriteAllBytes(file, good);
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Get, "a", value: null)));
    }

    [Fact]
    public void A_link_that_waits_where_a_value_is_written_is_not_followed()
    {
        string folder = Path.Combine(_folder, "s");
        var host = new StoreHost(folder);
        host.Ask(Ask(Device.Put, "a", "value"));
        string victim = Path.Combine(_folder, "victim");
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink($"{Assert.Single(Directory.GetFiles(folder))}.new", victim);
        Assert.IsType<DeviceAnswer.Value>(host.Ask(Ask(Device.Put, "a", "other")));
        Assert.Equal("mine", File.ReadAllText(victim));
    }

    [Fact]
    public void A_folder_that_is_gone_is_an_answer()
    {
        var host = new StoreHost(Path.Combine(_folder, "s"));
        Directory.Delete(Path.Combine(_folder, "s"));
        var answer = Assert.IsType<DeviceAnswer.Failed>(host.Ask(Ask(Device.Put, "a", "value")));
        Assert.Equal(AskFailure.Unavailable, answer.Why);
    }

    private static DeviceAsk Ask(int operation, string key, string? value)
    {
        var arguments = new ByteWriter();
        arguments.Text(key);
        if (value is not null)
        {
            arguments.Text(value);
        }

        return new DeviceAsk(operation, [.. arguments.Written], _text);
    }

    private static string Text(DeviceAnswer? answer) => answer switch
    {
        DeviceAnswer.Value value => Convert.ToHexString(value.Octets.AsSpan()),
        DeviceAnswer.Failed failed => $"{failed.Why}: {failed.Detail}",
        _ => "never",
    };
}
