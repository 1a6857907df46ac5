using System.Text;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Members the caller set itself through an endpoint's allow-list: ours of the same name stay out of the way.</summary>
internal struct PassedNames
{
    private List<string>? names;

    public void Add(ReadOnlySpan<byte> name) => (names ??= []).Add(Encoding.UTF8.GetString(name));

    public readonly bool Contains(string name) => names?.Contains(name) == true;
}
