using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Llvm;

/// <summary>Gives each machine instruction that may fault the place of the access that it makes.</summary>
/// <remarks>
/// An access that may fault is volatile and has a place; nothing else has one that counts. LLVM keeps such accesses
/// apart and in order, but may make a load part of the instruction that uses what it loads. That instruction has the
/// place of the user, which stands anywhere, or of what the user was made part of. So, when all else is optimised, a
/// load either gets a second use, of which nothing comes: then it stays an instruction of its own. Or its user gets
/// its place, where the user is so simple that it is not made part of something else.
///
/// Invariants:
///   I1  A load without a second use has one user, in its block. What else that user needs is there before the load, so
///       nothing that is made of the two can take in another access.
///   I2  A store has the place of the load whose result it is made of only if it writes where that loaded as much: it
///       does not fault where the load did not.
/// </remarks>
internal sealed class FaultPlaces
{
    /// <summary>What an object was made by besides LLVM: to be counted up with each change here.</summary>
    public const string Version = "places-2";

    private readonly nint _context;
    private readonly nint _builder;
    private readonly Dictionary<nint, nint> _uses = [];

    // The instructions of the block that is looked at, by their order.
    private readonly Dictionary<nint, int> _order = [];
    private readonly bool _isOptimised;
    private bool _hasThreeOperands;

    private FaultPlaces(nint context, CodeTier tier)
    {
        _isOptimised = tier is not CodeTier.O0;
        _context = context;
        _builder = LlvmNative.LLVMCreateBuilderInContext(context);
    }

    /// <param name="module">What is optimised, and not yet made machine code of.</param>
    public static void Keep(nint context, nint module, CodeTier tier)
    {
        var places = new FaultPlaces(context, tier);
        for (nint function = LlvmNative.LLVMGetFirstFunction(module); function != 0;
            function = LlvmNative.LLVMGetNextFunction(function))
        {
            places._hasThreeOperands = HasThreeOperands(function);
            for (nint block = LlvmNative.LLVMGetFirstBasicBlock(function); block != 0;
                block = LlvmNative.LLVMGetNextBasicBlock(block))
            {
                places.KeepIn(block);
            }
        }

        LlvmNative.LLVMDisposeBuilder(places._builder);
    }

    // From the third level on an instruction on floats does not write one of its operands. Before, LLVM may take the
    // load out again, without a place.
    private static bool HasThreeOperands(nint function)
    {
        const uint OfFunction = uint.MaxValue;
        const string Name = "target-cpu";
        nint attribute = LlvmNative.LLVMGetStringAttributeAtIndex(function, OfFunction, Name, (uint)Name.Length);
        return attribute != 0
            && Marshal.PtrToStringUTF8(LlvmNative.LLVMGetStringAttributeValue(attribute, out _)) != LlvmCompiler.Cpu;
    }

    private void KeepIn(nint block)
    {
        _order.Clear();
        var loads = new List<nint>();
        for (nint at = LlvmNative.LLVMGetFirstInstruction(block); at != 0; at = LlvmNative.LLVMGetNextInstruction(at))
        {
            _order.Add(at, _order.Count);
            if (OpcodeOf(at) is LlvmOpcode.Load && LlvmNative.LLVMGetVolatile(at) != 0
                && LlvmNative.LLVMInstructionGetDebugLoc(at) != 0 && LlvmNative.LLVMGetFirstUse(at) != 0)
            {
                loads.Add(at);
            }
        }

        loads.ForEach(Keep);
    }

    private void Keep(nint load)
    {
        nint place = LlvmNative.LLVMInstructionGetDebugLoc(load);
        nint user = SoleUser(load);
        Shape(load, place);
        if (OpcodeOf(user) is LlvmOpcode.ZExt or LlvmOpcode.SExt)
        {
            Use(user, place); // One instruction with the load, whatever uses it.
        }
        else if (_isOptimised && TakersOf(load, user) is { } takers)
        {
            Array.ForEach(takers, taker => LlvmNative.LLVMInstructionSetDebugLoc(taker, place));
        }
        else
        {
            Use(IsNarrow(load) ? Widened(load, place) : load, place);
        }
    }

    // LLVM loads what is narrower than a register as something wider, with the place of whatever made it do so. Then
    // it is wider from the start, and all that uses it takes it from there.
    private nint Widened(nint load, nint place)
    {
        LlvmNative.LLVMPositionBuilderBefore(_builder, LlvmNative.LLVMGetNextInstruction(load));
        nint wide = LlvmNative.LLVMBuildZExt(_builder, load, WiderThan(LlvmNative.LLVMTypeOf(load)), "");
        nint narrow = LlvmNative.LLVMBuildTrunc(_builder, wide, LlvmNative.LLVMTypeOf(load), "");
        LlvmNative.LLVMReplaceAllUsesWith(load, narrow);
        LlvmNative.LLVMSetOperand(wide, 0, load);
        LlvmNative.LLVMInstructionSetDebugLoc(wide, place);
        return wide;
    }

    // What only gives a value another form is made one instruction with the load even where that has other uses.
    private void Shape(nint load, nint place)
    {
        var left = new Stack<nint>([load]);
        while (left.TryPop(out nint value))
        {
            for (nint use = LlvmNative.LLVMGetFirstUse(value); use != 0; use = LlvmNative.LLVMGetNextUse(use))
            {
                nint user = LlvmNative.LLVMGetUser(use);
                if (_order.ContainsKey(user) && IsShape(user))
                {
                    LlvmNative.LLVMInstructionSetDebugLoc(user, place);
                    left.Push(user);
                }
            }
        }
    }

    private static bool IsShape(nint instruction) => OpcodeOf(instruction) switch
    {
        LlvmOpcode.ZExt or LlvmOpcode.SExt or LlvmOpcode.BitCast => true,
        LlvmOpcode.InsertElement => IsConstant(LlvmNative.LLVMGetOperand(instruction, 0)),
        LlvmOpcode.ShuffleVector => IsConstant(LlvmNative.LLVMGetOperand(instruction, 1)),
        _ => false,
    };

    // What may become one instruction with a load, and with nothing else that may fault; null for none (I1).
    private nint[]? TakersOf(nint load, nint user)
    {
        switch (OpcodeOf(user))
        {
            case LlvmOpcode.BitCast when TakersOf(user, SoleUser(user)) is { } takers:
                return [user, .. takers];
            case LlvmOpcode.FAdd or LlvmOpcode.FSub or LlvmOpcode.FMul or LlvmOpcode.FDiv when _hasThreeOperands:
                return IsBefore(load, Other(user, load), isWritten: false) ? [user] : null;
            case LlvmOpcode.ICmp when OpcodeOf(SoleUser(user)) is LlvmOpcode.Br:
                return IsBefore(load, Other(user, load), isWritten: false) ? [user, SoleUser(user)] : null;
            case LlvmOpcode.InsertElement when IsSplat(user):
                return [];
            case LlvmOpcode.Add or LlvmOpcode.Sub or LlvmOpcode.Mul
                or LlvmOpcode.And or LlvmOpcode.Or or LlvmOpcode.Xor:
                return Updates(load, user) is { } store
                    ? IsBefore(load, Other(user, load), isWritten: false) ? [user, store] : null
                    : IsPlain(user) && !IsConstant(Other(user, load))
                        && IsBefore(load, Other(user, load), isWritten: true) ? [user] : null;
            default:
                return null;
        }
    }

    // All lanes are made of the one that is loaded, at once.
    private bool IsSplat(nint inserted)
    {
        nint user = SoleUser(inserted);
        user = OpcodeOf(user) is LlvmOpcode.BitCast ? SoleUser(user) : user;
        return IsConstant(LlvmNative.LLVMGetOperand(inserted, 0)) && OpcodeOf(user) is LlvmOpcode.ShuffleVector
            && IsConstant(LlvmNative.LLVMGetOperand(user, 1));
    }

    // I2. The store that writes the result where the operand came from, and is its only use. All three are one
    // instruction only if nothing else uses memory between them, and no product is one.
    private nint? Updates(nint load, nint result)
    {
        nint store = SoleUser(result);
        bool isUpdate = OpcodeOf(store) is LlvmOpcode.Store && OpcodeOf(load) is LlvmOpcode.Load
            && LlvmNative.LLVMGetOperand(store, 0) == result
            && LlvmNative.LLVMGetOperand(store, 1) == LlvmNative.LLVMGetOperand(load, 0);
        bool isInPlace = OpcodeOf(result) is not LlvmOpcode.Mul
            && (OpcodeOf(result) is not LlvmOpcode.Sub || LlvmNative.LLVMGetOperand(result, 0) == load);
        return isUpdate && isInPlace && AreBeside(load, store) ? store : null;
    }

    private static bool AreBeside(nint load, nint store)
    {
        nint at = LlvmNative.LLVMGetNextInstruction(load);
        while (OpcodeOf(at) is not (LlvmOpcode.Load or LlvmOpcode.Store or LlvmOpcode.Call))
        {
            at = LlvmNative.LLVMGetNextInstruction(at);
        }

        return at == store;
    }

    // Neither compared, chosen nor stored: that is made one instruction with it. (Nor added to a constant, which LLVM
    // adds to another operand.)
    private static bool IsPlain(nint result)
    {
        for (nint use = LlvmNative.LLVMGetFirstUse(result); use != 0; use = LlvmNative.LLVMGetNextUse(use))
        {
            if (OpcodeOf(LlvmNative.LLVMGetUser(use)) is LlvmOpcode.Store or LlvmOpcode.ICmp or LlvmOpcode.Select)
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="isWritten">
    /// The instruction writes over that operand. One that is needed later would make LLVM take the load out again,
    /// without a place.
    /// </param>
    private bool IsBefore(nint load, nint operand, bool isWritten)
    {
        if (IsConstant(operand))
        {
            return true;
        }

        bool isHere = _order.TryGetValue(operand, out int order);
        return (!isHere || order < _order[load]) && (!isWritten || (isHere && HasOneUse(operand)));
    }

    private static bool IsConstant(nint value) => LlvmNative.LLVMIsConstant(value) != 0;

    private static nint Other(nint user, nint operand)
    {
        nint first = LlvmNative.LLVMGetOperand(user, 0);
        return first == operand ? LlvmNative.LLVMGetOperand(user, 1) : first;
    }

    private static bool HasOneUse(nint value) =>
        LlvmNative.LLVMGetFirstUse(value) is var use and not 0 && LlvmNative.LLVMGetNextUse(use) == 0;

    // Of the block that is looked at; 0 for none, several, or one elsewhere.
    private nint SoleUser(nint value)
    {
        if (value == 0 || !HasOneUse(value))
        {
            return 0;
        }

        nint user = LlvmNative.LLVMGetUser(LlvmNative.LLVMGetFirstUse(value));
        return _order.ContainsKey(user) ? user : 0;
    }

    private static LlvmOpcode OpcodeOf(nint instruction) =>
        instruction == 0 ? LlvmOpcode.None : (LlvmOpcode)LlvmNative.LLVMGetInstructionOpcode(instruction);

    // By nothing: it has to be in a register there, and no code comes of it. What was made wider, or may become part of
    // a vector, is used from there on: LLVM would else load it anew for one of its uses, or into all lanes, with the
    // place of whatever made it do so.
    private void Use(nint value, nint place)
    {
        nint type = LlvmNative.LLVMTypeOf(value);
        bool isTaken = KindOf(type) is not LlvmType.Integer || HasInsertion(value)
            || OpcodeOf(value) is LlvmOpcode.ZExt or LlvmOpcode.SExt;
        nint result = isTaken ? type : LlvmNative.LLVMVoidTypeInContext(_context);
        nint taker = LlvmNative.LLVMFunctionType(result, in type, count: 1, isVariadic: 0);
        if (!_uses.TryGetValue(taker, out nint code))
        {
            string register = KindOf(type) is LlvmType.Integer ? "r" : "x";
            string constraint = isTaken ? $"={register},0" : register;
            _uses[taker] = code = LlvmNative.LLVMGetInlineAsm(
                taker, "", 0, constraint, (nuint)constraint.Length, hasSideEffects: 1, isAligned: 0, dialect: 0,
                canThrow: 0);
        }

        LlvmNative.LLVMPositionBuilderBefore(_builder, LlvmNative.LLVMGetNextInstruction(value));
        nint use = LlvmNative.LLVMBuildCall2(_builder, taker, code, in value, count: 1, "");
        LlvmNative.LLVMInstructionSetDebugLoc(use, place);
        if (isTaken)
        {
            LlvmNative.LLVMReplaceAllUsesWith(value, use);
            LlvmNative.LLVMSetOperand(use, 0, value);
        }
    }

    private static bool HasInsertion(nint value)
    {
        for (nint use = LlvmNative.LLVMGetFirstUse(value); use != 0; use = LlvmNative.LLVMGetNextUse(use))
        {
            if (OpcodeOf(LlvmNative.LLVMGetUser(use)) is LlvmOpcode.InsertElement)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNarrow(nint load)
    {
        nint type = LlvmNative.LLVMTypeOf(load);
        return KindOf(type) switch
        {
            LlvmType.Integer => LlvmNative.LLVMGetIntTypeWidth(type) < 32,
            LlvmType.Vector => LlvmNative.LLVMGetVectorSize(type) * WidthOfLane(type) < 128,
            _ => false,
        };
    }

    private nint WiderThan(nint type) => KindOf(type) is LlvmType.Integer
        ? LlvmNative.LLVMIntTypeInContext(_context, 32)
        : LlvmNative.LLVMVectorType(
            LlvmNative.LLVMIntTypeInContext(_context, 2 * WidthOfLane(type)), LlvmNative.LLVMGetVectorSize(type));

    // Vectors that are loaded are of integers.
    private static uint WidthOfLane(nint vector) =>
        LlvmNative.LLVMGetIntTypeWidth(LlvmNative.LLVMGetElementType(vector));

    private static LlvmType KindOf(nint type) => (LlvmType)LlvmNative.LLVMGetTypeKind(type);

    // As LLVM's C interface numbers them.
    private enum LlvmOpcode
    {
        None = 0,
        Br = 2,
        Add = 8,
        FAdd = 9,
        Sub = 10,
        FSub = 11,
        Mul = 12,
        FMul = 13,
        FDiv = 16,
        And = 23,
        Or = 24,
        Xor = 25,
        Load = 27,
        Store = 28,
        ZExt = 31,
        SExt = 32,
        BitCast = 41,
        ICmp = 42,
        Call = 45,
        Select = 46,
        InsertElement = 51,
        ShuffleVector = 52,
    }

    private enum LlvmType
    {
        Integer = 8,
        Vector = 13,
    }
}
