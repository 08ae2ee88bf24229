using Tars.Engine.Vm.Llvm;

namespace Tars.Engine.Vm.Objects;

/// <summary>Makes an object of the text of a piece of code; null, with a reason, when that cannot be.</summary>
internal delegate byte[]? CompileJob(ReadOnlySpan<byte> code, CodeTier tier, out string refusal);
