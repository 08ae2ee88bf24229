using System.Collections.Immutable;

namespace Tars.Devices.Wasi.Calls;

/// <summary>The calls about arguments and environment.</summary>
internal static class StringCalls
{
    public static Errno ArgsGet(WasiHost wasi, Frame call) => Get(wasi.Arguments, call);

    public static Errno ArgsSizesGet(WasiHost wasi, Frame call) => Sizes(wasi.Arguments, call);

    public static Errno EnvironGet(WasiHost wasi, Frame call) => Get(wasi.Environment, call);

    public static Errno EnvironSizesGet(WasiHost wasi, Frame call) => Sizes(wasi.Environment, call);

    private static Errno Sizes(ImmutableArray<byte[]> strings, Frame call)
    {
        var errno = call.Put(call.U32(0), (uint)strings.Length);
        return errno is Errno.Success ? call.Put(call.U32(1), SizeOf(strings)) : errno;
    }

    private static Errno Get(ImmutableArray<byte[]> strings, Frame call)
    {
        uint list = call.U32(0);
        uint at = call.U32(1);
        if (!call.Holds(list, (ulong)strings.Length * sizeof(uint)) || !call.Holds(at, SizeOf(strings)))
        {
            return Errno.Fault;
        }

        foreach (var text in strings)
        {
            _ = call.Put(list, at);
            _ = call.TryRange(at, (uint)text.Length, out var bytes);
            text.CopyTo(bytes);
            list += sizeof(uint);
            at += (uint)text.Length;
        }

        return Errno.Success;
    }

    // Each holds its NUL.
    private static uint SizeOf(ImmutableArray<byte[]> strings) => (uint)strings.Sum(text => text.Length);
}
