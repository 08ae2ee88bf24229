using System.Globalization;
using System.Runtime.InteropServices;
using Tars.Engine.Vm.Loading;

namespace Tars.Engine.Vm.Llvm;

/// <summary>Makes an x86-64 object of LLVM's text, with libLLVM 19: octets in, octets out.</summary>
/// <remarks>
/// Where LLVM gives up it ends the process, and some of its passes take very long on hostile input. So it runs in a
/// child process with limits; in one's own process only with text that is known.
/// </remarks>
internal static class LlvmCompiler
{
    /// <summary>What code is compiled for that does not say more itself: every x86-64 processor since 2009.</summary>
    public const string Cpu = "x86-64-v2";

    private const string Triple = "x86_64-unknown-linux-gnu";
    private const int ReturnStatusAction = 2;
    private const int RelocPic = 2;
    private const int CodeModelSmall = 3;
    private const int ObjectFile = 1;

    private static readonly Lock _gate = new();

    // Code of two accesses must not become one: a fault in it would have no place of its own; and an instruction that
    // lost its place must not be given that of the one before it. Arguments are not pushed: their room is part of the
    // frame, so the size that LLVM tells of a frame is all of it.
    private static readonly string[] _switches =
    [
        "tars", "-simplifycfg-hoist-common=false", "-simplifycfg-sink-common=false", "-enable-tail-merge=false",
        "-use-unknown-locations=Enable", "-no-x86-call-frame-opt",
    ];

    private static bool _isReady;

    /// <summary>Which version of the compiler, and for which processor at least, an object comes from.</summary>
    /// <remarks>Null where there is no libLLVM.</remarks>
    public static string? Version
    {
        get
        {
            if (LlvmLibrary.Missing is not null)
            {
                return null;
            }

            Prepare();
            LlvmNative.LLVMGetVersion(out uint major, out uint minor, out uint patch);
            return string.Create(CultureInfo.InvariantCulture, $"LLVM {major}.{minor}.{patch} {Cpu}");
        }
    }

    /// <summary>All that decides besides the code and the tier what an object is; null where there is no
    /// libLLVM.</summary>
    public static string? Options => Version is not { } version ? null : string.Join(
        ' ', [version, FaultPlaces.Version, .. _switches, .. Enum.GetValues<CodeTier>().Select(PassesOf)]);

    /// <returns>The object as <see cref="FramedObject"/> writes it, or null and why there is none.</returns>
    public static byte[]? Compile(ReadOnlySpan<byte> code, CodeTier tier, out string refusal)
    {
        if (LlvmLibrary.Missing is { } missing)
        {
            refusal = missing;
            return null;
        }

        Prepare();
        nint context = LlvmNative.LLVMContextCreate();
        using var remarks = LlvmRemarks.Of(context);
        try
        {
            byte[]? made = InContext(context, code, tier, out refusal);
            if (made is not null && remarks.Error is { } error)
            {
                refusal = $"LLVM cannot compile it: {error}";
                return null;
            }

            return made is null ? null : FramedObject.Write(remarks.Frames, made);
        }
        finally
        {
            LlvmNative.LLVMContextDispose(context);
        }
    }

    private static void Prepare()
    {
        lock (_gate)
        {
            if (_isReady)
            {
                return;
            }

            LlvmLibrary.Attach();
            LlvmNative.LLVMInitializeX86TargetInfo();
            LlvmNative.LLVMInitializeX86Target();
            LlvmNative.LLVMInitializeX86TargetMC();
            LlvmNative.LLVMInitializeX86AsmPrinter();
            LlvmNative.LLVMInitializeX86AsmParser();
            LlvmNative.LLVMParseCommandLineOptions(_switches.Length, _switches, overview: 0);
            _isReady = true;
        }
    }

    private static byte[]? InContext(nint context, ReadOnlySpan<byte> code, CodeTier tier, out string refusal)
    {
        nint buffer = LlvmNative.LLVMCreateMemoryBufferWithMemoryRangeCopy(code, (nuint)code.Length, "module");
        if (LlvmNative.LLVMParseIRInContext(context, buffer, out nint module, out nint message) != 0)
        {
            refusal = $"LLVM cannot read it: {Text(message)}";
            return null;
        }

        try
        {
            if (LlvmNative.LLVMVerifyModule(module, ReturnStatusAction, out message) != 0)
            {
                refusal = $"LLVM finds it wrong: {Text(message)}";
                return null;
            }

            LlvmNative.LLVMDisposeMessage(message);
            return Emit(context, module, tier, out refusal);
        }
        finally
        {
            LlvmNative.LLVMDisposeModule(module);
        }
    }

    private static byte[]? Emit(nint context, nint module, CodeTier tier, out string refusal)
    {
        if (LlvmNative.LLVMGetTargetFromTriple(Triple, out nint target, out nint message) != 0)
        {
            refusal = $"LLVM does not know this processor: {Text(message)}";
            return null;
        }

        int level = (int)tier; // LLVM counts its levels alike.
        nint machine = LlvmNative.LLVMCreateTargetMachine(
            target, Triple, Cpu, features: "", level, RelocPic, CodeModelSmall);
        nint layout = LlvmNative.LLVMCreateTargetDataLayout(machine);
        LlvmNative.LLVMSetModuleDataLayout(module, layout);
        LlvmNative.LLVMDisposeTargetData(layout);
        try
        {
            if (!Optimise(module, machine, tier, out refusal))
            {
                return null;
            }

            FaultPlaces.Keep(context, module, tier);
            return ObjectOf(module, machine, out refusal);
        }
        finally
        {
            LlvmNative.LLVMDisposeTargetMachine(machine);
        }
    }

    private static string PassesOf(CodeTier tier) => tier switch
    {
        CodeTier.O0 => "function(mem2reg,simplifycfg)",
        CodeTier.O1 => "default<O1>",
        CodeTier.O2 => "default<O2>",
    };

    private static bool Optimise(nint module, nint machine, CodeTier tier, out string refusal)
    {
        nint options = LlvmNative.LLVMCreatePassBuilderOptions();
        LlvmNative.LLVMPassBuilderOptionsSetSLPVectorization(options, isOn: tier is CodeTier.O2 ? 1 : 0);
        nint error = LlvmNative.LLVMRunPasses(module, PassesOf(tier), machine, options);
        LlvmNative.LLVMDisposePassBuilderOptions(options);
        refusal = "";
        if (error == 0)
        {
            return true;
        }

        nint message = LlvmNative.LLVMGetErrorMessage(error);
        refusal = $"LLVM cannot optimise it: {Marshal.PtrToStringUTF8(message)}";
        LlvmNative.LLVMDisposeErrorMessage(message);
        return false;
    }

    private static byte[]? ObjectOf(nint module, nint machine, out string refusal)
    {
        if (LlvmNative.LLVMTargetMachineEmitToMemoryBuffer(
            machine, module, ObjectFile, out nint message, out nint buffer) != 0)
        {
            refusal = $"LLVM cannot make an object of it: {Text(message)}";
            return null;
        }

        byte[] made = new byte[checked((int)LlvmNative.LLVMGetBufferSize(buffer))];
        // SAFETY: LLVM's buffer has the size that it says and lives until it is disposed of below.
        Marshal.Copy(LlvmNative.LLVMGetBufferStart(buffer), made, startIndex: 0, made.Length);
        LlvmNative.LLVMDisposeMemoryBuffer(buffer);
        refusal = "";
        return made;
    }

    private static string Text(nint message)
    {
        string text = Marshal.PtrToStringUTF8(message) ?? "";
        LlvmNative.LLVMDisposeMessage(message);
        return text.Trim();
    }
}
