using System.Security.Cryptography;
using System.Text;
using Tars.Engine.Vm.Llvm;

namespace Tars.Engine.Vm.Objects;

/// <summary>What decides an object, as a hash: the name that it is kept under.</summary>
internal readonly record struct ObjectKey(string Hex)
{
    public static ObjectKey Of(ReadOnlySpan<byte> code, CodeTier tier, string options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"tars object 2\n{options}\n{tier}\n"));
        hash.AppendData(code);
        return new ObjectKey(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
