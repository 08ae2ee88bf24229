using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Kernel.Ports;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>Memory that is used again shows nothing of who had it before.</summary>
public sealed class RecyclingTests
{
    private static readonly GuestLimits _limits = new(64 << 20, DepthSlotsMax: 30_000, TableElementsMax: 0);

    public static IEnumerable<TheoryDataRow<string>> Engines => [new("cil"), new("oracle")];

    [Theory]
    [MemberData(nameof(Engines))]
    public void An_instance_in_recycled_memory_is_as_one_in_fresh_memory(string engine)
    {
        using var code = Load(engine);
        byte[] fresh = WithFirst(code, guest => guest.Memory.ToArray());
        for (ulong seed = 1; seed <= 50; seed++)
        {
            byte[] again = WithFirst(code, guest =>
            {
                byte[] before = guest.Memory.ToArray();
                Soil(guest.Memory, seed);
                return before;
            });
            Assert.True(fresh.AsSpan().SequenceEqual(again), $"after {seed - 1} lives");
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void What_is_forgotten_is_zero_and_all_else_stays(string engine)
    {
        using var code = Load(engine);
        using var guest = Instance(code);
        var random = new Xoshiro256(7);
        for (int round = 0; round < 200; round++)
        {
            Soil(guest.Memory, (ulong)round);
            byte[] expected = guest.Memory.ToArray();
            int at = random.Next(expected.Length);
            int size = random.Next(expected.Length - at + 1) >> random.Next(18);
            guest.Forget(at, size);
            expected.AsSpan(at, size).Clear();
            Assert.True(expected.AsSpan().SequenceEqual(guest.Memory), $"{size} octets at {at}");
        }
    }

    // A page of the guest lies in two of the system's: one that was touched in either must be found.
    [Theory]
    [MemberData(nameof(Engines))]
    public void A_saved_memory_comes_back_over_whatever_was_written_since(string engine)
    {
        using var code = Load(engine);
        for (ulong seed = 1; seed <= 50; seed++)
        {
            using var guest = Instance(code);
            Soil(guest.Memory, seed);
            guest.Memory[guest.Memory.Length - 1] = 1; // The last of the last page.
            byte[] expected = guest.Memory.ToArray();
            var saved = guest.Save();
            Assert.Equal(Nonzero(expected), saved.Pages.Select(one => one.Address));

            using var other = Instance(code);
            Soil(other.Memory, seed + 1_000);
            other.Restore(saved);
            Assert.True(expected.AsSpan().SequenceEqual(other.Memory), $"another instance, seed {seed}");
            Soil(guest.Memory, seed + 2_000);
            guest.Restore(saved);
            Assert.True(expected.AsSpan().SequenceEqual(guest.Memory), $"the same instance, seed {seed}");
        }
    }

    private static IEnumerable<long> Nonzero(byte[] memory)
    {
        const int Page = 4096;
        for (int at = 0; at < memory.Length; at += Page)
        {
            if (memory.AsSpan(at, Page).ContainsAnyExcept((byte)0))
            {
                yield return at;
            }
        }
    }

    // Some pages whole, some in part, most not at all.
    private static void Soil(Span<byte> memory, ulong seed)
    {
        var random = new Xoshiro256(seed);
        for (int place = 0; place < 20; place++)
        {
            int at = random.Next(memory.Length);
            int size = Math.Min(memory.Length - at, 1 << random.Next(15));
            memory.Slice(at, size).Fill((byte)(1 + random.Next(255)));
        }
    }

    private static byte[] WithFirst(IGuestCode code, Func<IGuest, byte[]> use)
    {
        using var guest = Instance(code);
        return use(guest);
    }

    private static IGuest Instance(IGuestCode code)
    {
        var guest = code.Instantiate(_limits, out var fault);
        Assert.Null(fault);
        return guest!; // No fault is a guest.
    }

    private static IGuestCode Load(string engine)
    {
        var bundle = CompiledProcess.Compile(
            """
            tars: 1
            module: words
            version: 1.0.0
            summary: Holds constants and state.
            state:
              words: list<text> = ["one", "two", "three"]
            handlers:
              start:
                do: |
                  log("{words.len()} words")
            """);
        var decoded = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bundle.Bytes.Span));
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(decoded.Module));
        return Assert.IsType<EngineLoad.Loaded>(Compose.Engine(engine)!.Load(valid.Module)).Code;
    }
}
