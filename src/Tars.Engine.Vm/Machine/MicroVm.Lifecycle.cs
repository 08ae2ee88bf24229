using System.Numerics;
using System.Security.Cryptography;
using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>What a machine is between its runs: snapshot, restore, cleaning, warming.</summary>
internal sealed partial class MicroVm
{
    private VmSnapshot? _baseline;

    // KVM keeps what was written until it is told to forget it; null until that is known.
    private bool? _keepsLog;

    /// <summary>Whether another guest may have it: not poisoned, and of the shape it was made with.</summary>
    public bool IsReusable => !_isPoisoned && !_isDisposed && _windows.Count == 1 && !_windows[0].IsOverlaid;

    /// <summary>A copy of all that it is. Pages written from now on are noted when its memory is large.</summary>
    public VmSnapshot Save()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var image = _image ?? throw new InvalidOperationException("nothing was loaded");
        var windows = new List<VmSnapshot.Window>(_windows.Count);
        foreach (var window in _windows)
        {
            windows.Add(Save(window));
        }

        var snapshot = new VmSnapshot(image, Control[..UsedLength(Control)].ToArray(), windows);
        StartFrom(snapshot);
        return snapshot;
    }

    /// <summary>Makes the machine what the snapshot says, with the registers of a new one.</summary>
    /// <exception cref="ArgumentException">It was taken of a machine with another image.</exception>
    public void Restore(VmSnapshot snapshot)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isPoisoned || !ReferenceEquals(_image, snapshot.Image) || _windows.Count != snapshot.Windows.Count)
        {
            throw new ArgumentException("a poisoned machine or the snapshot of another image", nameof(snapshot));
        }

        RestoreControl(snapshot);
        bool isLogFresh = true;
        for (int index = 0; index < _windows.Count; index++)
        {
            isLogFresh &= RestoreWindow(index, snapshot);
        }

        StartFrom(snapshot, isLogFresh);
        ResetProcessor();
    }

    /// <summary>Makes a machine without a guest what the snapshot says: the fork of a warm instance.</summary>
    internal void Become(VmSnapshot snapshot)
    {
        Load(snapshot.Image);
        RestoreControl(snapshot);
        for (int index = 0; index < snapshot.Windows.Count; index++)
        {
            var saved = snapshot.Windows[index];
            if (index == _windows.Count)
            {
                AddWindow(saved.Size, saved.Max);
            }
            else if (!TryResize(index, saved.Size))
            {
                throw KvmException.Missing("memory for a snapshot");
            }

            if (saved.File is { } file)
            {
                _windows[index].Overlay(file.File, saved.Size);
            }
            else
            {
                saved.Octets.CopyTo(_windows[index].Octets);
            }
        }

        TellSizes();
        StartFrom(snapshot);
    }

    /// <summary>Nothing is left of the last guest.</summary>
    internal void Clean()
    {
        ClearTail(_layout.Control, _layout.ControlSize, isFromTop: false);
        ClearTail(_layout.Stack, _layout.StackSize, isFromTop: true);
        ClearTail(_layout.ReadOnly, _layout.ReadOnlySize, isFromTop: false);
        _windows[0].Resize(_shape.MemorySize);
        _windows[0].Clear();
        _windows[0].ForgetWrites();
        ResetProcessor();
        StopWatchingWrites();
        _image = null;
    }

    /// <summary>Touches the first pages of each part, so that the first guest need not wait for them.</summary>
    /// <returns>False when the machine does not run.</returns>
    internal bool Warm()
    {
        const byte Breakpoint = 0xCC;
        var text = _memory.Octets(_layout.Text, _layout.TextSize);
        text.Fill(Breakpoint);
        _memory.Octets(_layout.ReadOnly, _layout.ReadOnlySize).Clear();
        WarmUp.Write(
            text,
            new(GuestMap.TextBase, Warmed(_layout.TextSize), IsWritable: false),
            new(GuestMap.ReadOnlyBase(_shape.TextSize), Warmed(_layout.ReadOnlySize), IsWritable: false),
            new(GuestMap.ControlBase, Warmed(_layout.ControlSize), IsWritable: true),
            new(GuestMap.StackTop - Warmed(Math.Min(_layout.StackSize, Limits.ClearedBytesMax)),
                Warmed(Math.Min(_layout.StackSize, Limits.ClearedBytesMax)), IsWritable: true),
            new(GuestMap.WindowBase(0), Warmed(_shape.MemorySize), IsWritable: true));
        return Run(GuestMap.TextBase).Kind == VmExitKind.Done;

        static long Warmed(long size) => Math.Min(size, Limits.WarmBytesMax);
    }

    /// <summary>A digest of what no guest can write: page tables, ring 0, code, constants.</summary>
    internal byte[] DigestOfFixed()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_memory.Octets(0, _tables.PageCount * GuestMap.PageSize));
        hash.AppendData(_memory.Octets(_layout.Supervisor, RingZero.FixedSize));
        hash.AppendData(_memory.Octets(_layout.Text, _layout.TextSize));
        hash.AppendData(_memory.Octets(_layout.ReadOnly, _layout.ReadOnlySize));
        return hash.GetHashAndReset();
    }

    /// <summary>What is mapped, and for whom, as the processor reads it.</summary>
    internal IEnumerable<MappedPage> MappedPages() => _tables.Mapped();

    private static VmSnapshot.Window Save(WindowMemory window)
    {
        if (window.Size <= Limits.WholeCopyBytesMax)
        {
            return new VmSnapshot.Window(window.Size, window.Max, window.Octets.ToArray(), File: null);
        }

        var file = MemoryFile.Create(window.Size);
        for (long at = 0; at < window.Size; at += GuestMap.WasmPageSize)
        {
            // Pages of zeros stay holes in the file.
            var octets = window.At(at, GuestMap.WasmPageSize);
            if (octets.ContainsAnyExcept((byte)0))
            {
                octets.CopyTo(file.Memory.Octets(at, GuestMap.WasmPageSize));
            }
        }

        return new VmSnapshot.Window(window.Size, window.Max, Octets: null, file);
    }

    private void RestoreControl(VmSnapshot snapshot)
    {
        snapshot.Control.CopyTo(Control);
        var rest = Control[snapshot.Control.Length..];
        rest[..UsedLength(rest)].Clear();
    }

    // True when the log of its pages was read on the way, or does not matter: reading it costs as much as a few faults.
    private bool RestoreWindow(int index, VmSnapshot snapshot)
    {
        var window = _windows[index];
        var saved = snapshot.Windows[index];
        bool isTracked = ReferenceEquals(_baseline, snapshot) && !window.IsHostWritten && window.Size == saved.Size;
        if (!TryResize(index, saved.Size))
        {
            throw KvmException.Missing("memory for a snapshot");
        }

        if (saved.File is not { } file)
        {
            saved.Octets.CopyTo(window.Octets);
        }
        else if (isTracked)
        {
            CopyWritten(index, file.Memory);
        }
        else
        {
            CopyDifferent(window, file.Memory);
        }

        return isTracked || saved.File is null;
    }

    private void CopyWritten(int index, MappedMemory from)
    {
        var window = _windows[index];
        foreach (long page in window.WrittenPages)
        {
            CopyPage(window, from, page);
        }

        for (int slot = 0; slot < _slots.Count; slot++)
        {
            if (_slots[slot].Window != index)
            {
                continue;
            }

            var written = ReadWritten(slot);
            int copied = 0;
            long first = ((long)_slots[slot].Region.GuestAddress - window.Physical) / GuestMap.PageSize;
            for (int word = 0; word < written.Length; word++)
            {
                for (ulong bits = written[word]; bits != 0; bits &= bits - 1)
                {
                    CopyPage(window, from, first + (word * 64) + BitOperations.TrailingZeroCount(bits));
                    copied++;
                }
            }

            // What a guest writes it writes again at the next call, mostly: a fault for each page then costs more than
            // a copy. Of many the most may be written no more.
            if (_keepsLog == true && Limits.HotPagesMax < copied)
            {
                ForgetWritten(slot, written);
            }
        }
    }

    // Pages before the window are those of the other parts of the machine, which the first slot holds too.
    private static void CopyPage(WindowMemory window, MappedMemory from, long page)
    {
        long at = page * GuestMap.PageSize;
        if (0 <= at && at < window.Size)
        {
            from.Octets(at, GuestMap.PageSize).CopyTo(window.At(at, GuestMap.PageSize));
        }
    }

    private static void CopyDifferent(WindowMemory window, MappedMemory from)
    {
        for (long at = 0; at < window.Size; at += GuestMap.PageSize)
        {
            var now = window.At(at, GuestMap.PageSize);
            var then = from.Octets(at, GuestMap.PageSize);
            if (!now.SequenceEqual(then))
            {
                then.CopyTo(now);
            }
        }
    }

    // From here on, what differs from the snapshot is what was written.
    private void StartFrom(VmSnapshot snapshot, bool isLogFresh = false)
    {
        foreach (var window in _windows)
        {
            window.ForgetWrites();
        }

        if (!snapshot.Windows.Any(window => window.File is not null))
        {
            StopWatchingWrites(); // What was noted is forgotten: it says nothing of another snapshot any more.
            return;
        }

        bool isWatched = _baseline is not null;
        _baseline = snapshot;
        if (isWatched && isLogFresh)
        {
            return;
        }

        _keepsLog ??= _vm.KeepDirtyLog();
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            if (isWatched)
            {
                ForgetWritten(slot, ReadWritten(slot));
            }
            else
            {
                _vm.SetMemory(_slots[slot].Region with { Slot = (uint)slot, Flags = KvmMemoryRegion.LogDirtyPages });
            }
        }
    }

    private void StopWatchingWrites()
    {
        if (_baseline is null)
        {
            return;
        }

        _baseline = null;
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            _vm.SetMemory(_slots[slot].Region with { Slot = (uint)slot, Flags = 0 });
        }
    }

    private ulong[] ReadWritten(int slot)
    {
        long pages = (long)_slots[slot].Region.Size / GuestMap.PageSize;
        var written = new ulong[(pages + 63) / 64];
        _vm.ReadDirtyLog(slot, written);
        return written;
    }

    // Without a log that is kept, reading it was enough.
    private void ForgetWritten(int slot, ulong[] written)
    {
        if (_keepsLog == true)
        {
            _vm.ClearDirtyLog(slot, (uint)(_slots[slot].Region.Size / GuestMap.PageSize), written);
        }
    }

    private void ClearTail(long at, int size, bool isFromTop)
    {
        int written = Math.Min(size, Limits.ClearedBytesMax);
        int rest = size - written;
        _memory.Octets(isFromTop ? at + rest : at, written).Clear();
        _memory.Forget(isFromTop ? at : at + written, rest);
    }

    private static int UsedLength(ReadOnlySpan<byte> octets) => octets.LastIndexOfAnyExcept((byte)0) + 1;
}
