using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>Running a machine: registers in, the call, and what its end means (data plane).</summary>
internal sealed partial class MicroVm
{
    private const ulong FlagsAlways = 2;
    private const byte Out = 1;
    private const int DoorSize = 4;
    private const int WidestAccess = 16;

    private readonly Lock _gate = new();
    private int _thread;
    private bool _isStopAsked;
    private VmStop _stop;
    private VmDeadline _deadline;
    private bool _isOutsideRingThree;
    private int _hostCalls;
    private int _hostCallsMax;

    // Where an `out` left the machine that KVM has not finished; 0 for nowhere.
    private ulong _unfinishedOut;

    /// <summary>Enters the code at an address with an empty stack, and answers when it stops.</summary>
    /// <param name="hostCallsMax">How many host calls are no storm yet.</param>
    public VmExit Run(long entry, VmDeadline deadline = default, int hostCallsMax = Limits.HostCallsPerRunMax)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isPoisoned)
        {
            return VmExit.Broken(VmBreach.Poisoned, number: 0);
        }

        SetRegisters(entry);
        _deadline = deadline;
        _hostCalls = 0;
        _hostCallsMax = hostCallsMax;
        return _isPoisoned ? VmExit.Broken(VmBreach.Poisoned, number: 0) : Go();
    }

    /// <summary>Goes on behind a host call or where it was preempted.</summary>
    /// <param name="deadline">A new one after a preemption; the old one stands when it is left out.</param>
    public VmExit Resume(VmDeadline? deadline = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _deadline = deadline ?? _deadline;
        return _isPoisoned ? VmExit.Broken(VmBreach.Poisoned, number: 0) : Go();
    }

    /// <summary>One KVM_RUN and nothing else: what cannot be done faster.</summary>
    internal int RunBare() => _vcpu.Run();

    /// <summary>Stops the run that is going on. Any thread may ask for it.</summary>
    /// <returns>False when nothing runs.</returns>
    public bool Preempt() => Stop(VmStop.Asked);

    /// <summary>The same for a reason.</summary>
    internal bool Stop(VmStop why)
    {
        lock (_gate)
        {
            if (_thread == 0)
            {
                return false;
            }

            if (!_isStopAsked)
            {
                _isStopAsked = true;
                _stop = why;
            }

            StopSignal.Send(_thread); // Each time: who asks again shall not wait for a signal that went astray.
            return true;
        }
    }

    /// <summary>Ends the machine for what its caller alone could see: a number that no correct code gives.</summary>
    internal void Poison() => _isPoisoned = true; // I2

    /// <summary>Registers of the processor as it was made. The next guest finds nothing of the last one.</summary>
    private void ResetProcessor()
    {
        FinishOut();
        _vcpu.ResetVectorState();
        ResetMode();
    }

    /// <summary>Ring 3 as it was made, and no fault of the last run that waits to be delivered.</summary>
    /// <remarks>
    /// A stop may come while the processor delivers a fault. KVM delivers it anew at the next KVM_RUN, wherever the
    /// instruction pointer stands by then: new registers take back a fault that is pending, not one that is injected.
    /// </remarks>
    private void ResetMode()
    {
        ref var area = ref _vcpu.Area;
        area.Sregs = _fresh;
        area.DirtyRegs |= KvmRunArea.SyncSregs | KvmRunArea.SyncEvents;
        _isOutsideRingThree = false;
    }

    /// <summary>Has KVM finish the `out` that the last run ended with, without running anything.</summary>
    /// <remarks>
    /// On hardware KVM steps over an `out` at the next KVM_RUN only, after it took the new registers: if the new
    /// instruction pointer stands where the `out` stood, its first instruction would be stepped over instead.
    /// </remarks>
    private void FinishOut()
    {
        if (_unfinishedOut == 0)
        {
            return;
        }

        _unfinishedOut = 0;
        ref var area = ref _vcpu.Area;
        area.ImmediateExit = 1;
        int error = _vcpu.Run();
        area.ImmediateExit = 0;
        _isPoisoned |= error != KvmNative.ErrorInterrupted; // I2
    }

    private void SetRegisters(long entry)
    {
        // Anywhere else it finishes by itself and changes nothing: a call need not pay for it.
        if (_unfinishedOut == (ulong)entry)
        {
            FinishOut();
        }

        const int ReturnAddress = sizeof(ulong);
        _memory.Octets(_layout.Stack + _layout.StackSize - ReturnAddress, ReturnAddress).Clear();
        BitConverter.TryWriteBytes(Control[GuestMap.Control.Trap..], value: 0);
        ref var area = ref _vcpu.Area;
        area.Regs = new KvmRegs
        {
            Rip = (ulong)entry,
            Rsp = (ulong)(GuestMap.StackTop - ReturnAddress),
            Rflags = FlagsAlways,
        };
        area.DirtyRegs |= KvmRunArea.SyncRegs;
        if (_isOutsideRingThree)
        {
            ResetMode();
        }
    }

    private VmExit Go()
    {
        int thread = StopSignal.Prepare();
        if (_deadline.HasPassed(thread) is { } passed)
        {
            return VmExit.Preempted(passed);
        }

        lock (_gate)
        {
            _thread = thread;
        }

        if (_deadline.IsSet)
        {
            _watch.Enter(this, thread, _deadline);
        }

        var exit = UntilExit();
        if (_deadline.IsSet)
        {
            _watch.Leave(this);
        }

        return Leave(exit);
    }

    private VmExit UntilExit()
    {
        _unfinishedOut = 0;
        while (true)
        {
            int error = _vcpu.Run();
            if (error == 0)
            {
                return Read();
            }

            if (error is not (KvmNative.ErrorInterrupted or KvmNative.ErrorAgain))
            {
                return VmExit.Broken(VmBreach.Refused, error);
            }

            // Both under the lock, as stops are sent: none can come in between and be taken away unseen.
            lock (_gate)
            {
                StopSignal.Take();
                if (_isStopAsked)
                {
                    return VmExit.Preempted(_stop);
                }
            }
        }
    }

    // A stop that came too late for a host call is kept for its resumption: an endless guest may call all the time.
    private VmExit Leave(VmExit exit)
    {
        bool wasAsked;
        lock (_gate)
        {
            _thread = 0;
            wasAsked = _isStopAsked;
            _isStopAsked = false;
        }

        if (wasAsked)
        {
            StopSignal.Take();
            if (exit.Kind == VmExitKind.HostCall)
            {
                _deadline = VmDeadline.Now(_stop);
            }
        }

        // Through a door goes ring 3 alone. A fault ends in a stub, and a stop may come in the midst of one.
        _isOutsideRingThree |= exit.Kind is not (VmExitKind.Done or VmExitKind.HostCall); // I5
        _isPoisoned |= exit.IsBreach; // I2
        _counts.Add(exit);
        return exit;
    }

    private VmExit Read()
    {
        ref var area = ref _vcpu.Area;
        return area.ExitReason switch
        {
            KvmRequest.Exit.Io => ReadDoor(ref area),
            KvmRequest.Exit.Mmio => VmExit.Broken(VmBreach.UnbackedAddress, number: 0),
            KvmRequest.Exit.MemoryFault => VmExit.Broken(VmBreach.UnbackedAddress, number: 0),
            KvmRequest.Exit.ReadMsr or KvmRequest.Exit.WriteMsr =>
                VmExit.Broken(VmBreach.ModelSpecificRegister, (int)area.MsrIndex),
            KvmRequest.Exit.Shutdown or KvmRequest.Exit.SystemEvent =>
                VmExit.Broken(VmBreach.TripleFault, number: 0),
            KvmRequest.Exit.InternalError => VmExit.Broken(VmBreach.Emulation, (int)area.SubError),
            KvmRequest.Exit.FailEntry => VmExit.Broken(VmBreach.Entry, number: 0),
            var reason => VmExit.Broken(VmBreach.Unknown, (int)reason),
        };
    }

    private VmExit ReadDoor(ref KvmRunArea area)
    {
        _unfinishedOut = area.Regs.Rip;
        if (area.IoDirection != Out || area.IoSize != DoorSize || area.IoCount != 1)
        {
            return VmExit.Broken(VmBreach.Port, area.IoPort);
        }

        switch (area.IoPort)
        {
            case GuestMap.Port.Done:
                return VmExit.Done;
            case GuestMap.Port.HostCall:
                return ++_hostCalls <= _hostCallsMax
                    ? VmExit.HostCall((int)_vcpu.IoValue)
                    : VmExit.Broken(VmBreach.ExitStorm, _hostCalls);
            case GuestMap.Port.Fault:
                return ReadFault(area.Regs.Rip);
            default:
                return VmExit.Broken(VmBreach.Port, area.IoPort);
        }
    }

    private VmExit ReadFault(ulong stub)
    {
        if (!RingZero.Read(_memory.Octets(_layout.Supervisor, VmLayout.SupervisorSize), stub, out var fault))
        {
            return VmExit.Broken(VmBreach.RingZero, number: 0);
        }

        switch (fault.Vector)
        {
            case FaultVector.PageFault:
                var registers = default(KvmSregs);
                _vcpu.ReadSystemRegisters(ref registers);
                long address = (long)registers.Cr2;
                return VmExit.Faulted(fault with { Address = address, Kind = KindOf(fault.Error, address) });
            case FaultVector.InvalidOpcode:
                int trap = BitConverter.ToInt32(Control[GuestMap.Control.Trap..]);
                var kind = trap == 0 ? VmFaultKind.Unforeseen : VmFaultKind.Trap;
                return VmExit.Faulted(fault with { Trap = trap, Kind = kind });
            default:
                return VmExit.Faulted(fault);
        }
    }

    // Only a page that is not there, read or written as data by ring 3, is what correct code can meet.
    private VmFaultKind KindOf(uint error, long address)
    {
        const uint NotPresentOfRingThree = 0b100;
        const uint Written = 0b010;
        if ((error & ~Written) != NotPresentOfRingThree)
        {
            return VmFaultKind.Unforeseen;
        }

        if (0 <= address && address < _windows.Count * GuestMap.WindowStride)
        {
            bool isInReach = (address & (GuestMap.WindowStride - 1)) < GuestMap.WindowSize + WidestAccess;
            return isInReach ? VmFaultKind.OutOfMemoryBounds : VmFaultKind.Unforeseen;
        }

        return GuestMap.TextBase + Limits.ImageBytesMax <= address && address < GuestMap.StackTop - _layout.StackSize
            ? VmFaultKind.StackExhausted
            : VmFaultKind.Unforeseen;
    }
}
