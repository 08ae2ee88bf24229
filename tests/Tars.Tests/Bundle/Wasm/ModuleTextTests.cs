using Tars.Bundle.Wasm;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>
/// Each file in tests/golden/bundle/wasm is a module in hexadecimal, a line of dashes, then its listing. To add one
/// write the bytes, run `./dev.cs bless`, and read the listing as its user would.
/// </summary>
public sealed class ModuleTextTests
{
    public static IEnumerable<TheoryDataRow<string>> Listings => Golden.Files("bundle/wasm", "*.hex");

    [Theory]
    [MemberData(nameof(Listings))]
    public void A_module_is_listed(string path) => Golden.Check(path, Listing);

    private static string Listing(string hex)
    {
        byte[] bytes = Convert.FromHexString(string.Concat(hex.Where(char.IsAsciiHexDigit)));
        return ModuleDecoder.Decode(bytes) switch
        {
            DecodeResult.Malformed malformed => $"malformed: {malformed.Error}\n",
            DecodeResult.Decoded decoded => ModuleValidator.Validate(decoded.Module) switch
            {
                ValidationResult.Valid valid => ModuleText.Of(valid.Module),
                ValidationResult.Invalid invalid => $"invalid: {invalid.Error}\n{ModuleText.Of(decoded.Module)}",
                _ => "",
            },
            _ => "",
        };
    }
}
