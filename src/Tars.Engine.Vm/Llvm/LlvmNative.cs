using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Llvm;

/// <summary>The functions of libLLVM 19 that the compiler calls, under their own names.</summary>
// SAFETY: every handle is an opaque pointer that LLVM made and that LlvmCompiler gives back once. Strings cross as
// UTF-8 that LLVM copies before it returns; messages come back as pointers that LLVMDisposeMessage frees.
internal static partial class LlvmNative
{
    /// <summary>A name that <see cref="LlvmLibrary"/> resolves.</summary>
    public const string Library = "LLVM-19";

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMInitializeX86TargetInfo();

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMInitializeX86Target();

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMInitializeX86TargetMC();

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMInitializeX86AsmPrinter();

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMInitializeX86AsmParser();

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void LLVMParseCommandLineOptions(int argc, string[] argv, nint overview);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMGetVersion(out uint major, out uint minor, out uint patch);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMContextCreate();

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMContextDispose(nint context);

    // SAFETY: the class says who owns what crosses here. The handler is called on the thread that compiles, and only
    // while the context lives.
    [LibraryImport(Library)]
    internal static partial void LLVMContextSetDiagnosticHandler(nint context, nint handler, nint argument);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetDiagInfoDescription(nint info);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMGetDiagInfoSeverity(nint info);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMCreateMemoryBufferWithMemoryRangeCopy(
        ReadOnlySpan<byte> data, nuint length, string name);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMParseIRInContext(nint context, nint buffer, out nint module, out nint message);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMVerifyModule(nint module, int action, out nint message);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposeModule(nint module);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LLVMGetTargetFromTriple(string triple, out nint target, out nint message);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMCreateTargetMachine(
        nint target, string triple, string cpu, string features, int level, int relocations, int codeModel);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposeTargetMachine(nint machine);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMCreateTargetDataLayout(nint machine);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposeTargetData(nint layout);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMSetModuleDataLayout(nint module, nint layout);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMCreatePassBuilderOptions();

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMPassBuilderOptionsSetSLPVectorization(nint options, int isOn);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposePassBuilderOptions(nint options);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMRunPasses(nint module, string passes, nint machine, nint options);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetErrorMessage(nint error);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposeErrorMessage(nint message);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMTargetMachineEmitToMemoryBuffer(
        nint machine, nint module, int fileType, out nint message, out nint buffer);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetBufferStart(nint buffer);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nuint LLVMGetBufferSize(nint buffer);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposeMemoryBuffer(nint buffer);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposeMessage(nint message);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetFirstFunction(nint module);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetNextFunction(nint function);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetFirstBasicBlock(nint function);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetNextBasicBlock(nint block);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetFirstInstruction(nint block);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetNextInstruction(nint instruction);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetFirstUse(nint value);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetNextUse(nint use);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetUser(nint use);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMGetInstructionOpcode(nint instruction);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMGetVolatile(nint access);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMInstructionGetDebugLoc(nint instruction);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMTypeOf(nint value);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMGetTypeKind(nint type);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMVoidTypeInContext(nint context);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMFunctionType(nint result, in nint parameters, uint count, int isVariadic);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMGetInlineAsm(
        nint type,
        string text,
        nuint textLength,
        string constraints,
        nuint constraintsLength,
        int hasSideEffects,
        int isAligned,
        int dialect,
        int canThrow);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMCreateBuilderInContext(nint context);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMPositionBuilderBefore(nint builder, nint instruction);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMBuildCall2(
        nint builder, nint type, nint callee, in nint arguments, uint count, string name);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMDisposeBuilder(nint builder);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial uint LLVMGetVectorSize(nint type);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMInstructionSetDebugLoc(nint instruction, nint place);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetOperand(nint user, uint place);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial int LLVMIsConstant(nint value);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetElementType(nint type);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial uint LLVMGetIntTypeWidth(nint type);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMGetStringAttributeAtIndex(
        nint function, uint index, string name, uint length);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMGetStringAttributeValue(nint attribute, out uint length);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMBuildZExt(nint builder, nint value, nint type, string name);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint LLVMBuildTrunc(nint builder, nint value, nint type, string name);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMReplaceAllUsesWith(nint value, nint by);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial void LLVMSetOperand(nint user, uint place, nint value);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMIntTypeInContext(nint context, uint width);

    // SAFETY: the class says who owns what crosses here.
    [LibraryImport(Library)]
    internal static partial nint LLVMVectorType(nint lane, uint count);
}
