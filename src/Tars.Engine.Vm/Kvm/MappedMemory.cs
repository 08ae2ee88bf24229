using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Kvm;

/// <summary>A range of mapped addresses: memory of a machine, or what KVM shares with its host.</summary>
/// <remarks>
/// Memory of a machine is reserved whole and costs nothing until it is touched; what a guest may reach is decided by
/// page tables and memory slots, so growing moves nothing.
/// </remarks>
internal sealed class MappedMemory : SafeHandle
{
    private readonly nuint _size;

    private MappedMemory(nint address, nuint size)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        _size = size;
        SetHandle(address);
    }

    public override bool IsInvalid => handle is 0 or -1;

    public nint Address => handle;

    public long Size => (long)_size;

    /// <summary>Zeros, private to this process.</summary>
    public static MappedMemory Reserve(long size)
    {
        const int Flags = KvmNative.MapPrivate | KvmNative.MapAnonymous | KvmNative.MapNoReserve;
        var memory = Map(size, KvmNative.ProtectRead | KvmNative.ProtectWrite, Flags, file: -1);

        // A huge page for the first octet that is touched would make an idle machine cost megabytes.
        _ = KvmNative.Advise(memory.handle, (nuint)size, KvmNative.AdviseNoHugePage);
        return memory;
    }

    /// <summary>A file or a part of KVM, seen by both.</summary>
    public static MappedMemory Share(SafeFileHandle file, long size)
    {
        using var held = new HeldFile(file);
        return Map(size, KvmNative.ProtectRead | KvmNative.ProtectWrite, KvmNative.MapShared, held.Number);
    }

    /// <summary>The octets from <paramref name="at"/>; the memory must outlive them.</summary>
    // SAFETY: all of them are checked to lie inside; the owner of a machine disposes its memory last.
    public unsafe Span<byte> Octets(long at, int size)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at, Size - size);
        return new Span<byte>((void*)(handle + (nint)at), size);
    }

    /// <summary>A structure that stands at <paramref name="at"/>.</summary>
    // SAFETY: Octets checks that all of it lies inside; every structure read so takes any octets.
    public unsafe ref T At<T>(long at)
        where T : unmanaged
    {
        fixed (byte* first = Octets(at, sizeof(T)))
        {
            return ref *(T*)first;
        }
    }

    /// <summary>Pages become what they were when they were mapped, and leave every guest that sees them.</summary>
    public void Forget(long at, long size)
    {
        Inside(at, size);
        if (0 < size && KvmNative.Advise(handle + (nint)at, (nuint)size, KvmNative.AdviseDontNeed) != 0)
        {
            throw KvmException.Last("madvise");
        }
    }

    /// <summary>From now on these pages show the file, and what is written to them stays private.</summary>
    public void Overlay(long at, long size, SafeFileHandle file)
    {
        Inside(at, size);
        using var held = new HeldFile(file);
        const int Flags = KvmNative.MapPrivate | KvmNative.MapFixed | KvmNative.MapNoReserve;
        const int Protection = KvmNative.ProtectRead | KvmNative.ProtectWrite;
        if (KvmNative.Map(handle + (nint)at, (nuint)size, Protection, Flags, held.Number, offset: 0) == -1)
        {
            throw KvmException.Last("mmap");
        }
    }

    protected override bool ReleaseHandle() => KvmNative.Unmap(handle, _size) == 0;

    private static MappedMemory Map(long size, int protection, int flags, int file)
    {
        var memory = new MappedMemory(
            KvmNative.Map(address: 0, (nuint)size, protection, flags, file, offset: 0), (nuint)size);
        if (memory.IsInvalid)
        {
            var refusal = KvmException.Last("mmap");
            memory.Dispose();
            throw refusal;
        }

        return memory;
    }

    private void Inside(long at, long size)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at, Size - size);
    }
}
