using System.Runtime.InteropServices;
using System.Text;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Symbols;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// One routine of the standard library in a module of its own; arguments and results go through memory.
/// </summary>
internal sealed class LibraryGuest : IDisposable
{
    /// <summary>Where arguments are put; results follow at <see cref="Answer"/>.</summary>
    public const int Arguments = MemoryMap.EventRing;
    public const int Answer = Arguments + 32;

    /// <summary>Where texts go in, and room for texts that come out.</summary>
    public const int Room = Arguments + 64;

    private readonly IGuest _guest;

    /// <param name="write">Calls the routine with terms that load the arguments, and stores its result.</param>
    public LibraryGuest(Action<Emitter, Body> write)
    {
        var unit = new Emitter(new ModuleSymbol("library"), BuiltInSymbols.Failure);
        var module = unit.Module;
        module.LaidOut = () => 4096;
        var run = module.Routine("run", [ValType.I32], [], body =>
        {
            body.Store32(MemoryMap.StackTop, MemoryMap.Stack);
            write(unit, body);
        });
        var reserve = module.Routine("reserve", [ValType.I32], [], _ => { });
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module.Build(run, reserve)));
        var code = Assert.IsType<EngineLoad.Loaded>(TestEngine.Here().Load(valid.Module)).Code;
        _guest = code.Instantiate(new GuestLimits(1 << 24, DepthSlotsMax: 10_000, TableElementsMax: 0), out _)!;
    }

    public Span<byte> Memory => _guest.Memory;

    public static Term FloatAt(int argument) => Term.I32(Arguments).LoadF64(8 * argument);

    public static Term IntAt(int argument) => Term.I32(Arguments).Load64(8 * argument);

    public static Term SmallAt(int argument) => Term.I32(Arguments).Load32(8 * argument);

    public T Run<T>(params ReadOnlySpan<double> arguments)
        where T : unmanaged
    {
        MemoryMarshal.AsBytes(arguments).CopyTo(Memory[Arguments..]);
        return Run<T>();
    }

    public T Run<T>(long argument)
        where T : unmanaged
    {
        MemoryMarshal.Write(Memory[Arguments..], in argument);
        return Run<T>();
    }

    public string Text(ulong value) => Encoding.UTF8.GetString(Memory.Slice((int)(uint)value, (int)(value >> 32)));

    public void Dispose() => _guest.Dispose();

    private T Run<T>()
        where T : unmanaged
    {
        Assert.Null(_guest.Start(new GuestCall(GuestEntry.Run, 0, 1L << 40)).Result.Fault);
        return MemoryMarshal.Read<T>(Memory[Answer..]);
    }
}
