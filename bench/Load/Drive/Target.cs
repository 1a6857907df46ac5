using System.Net;
using System.Text;

namespace Fairlead.Load.Drive;

/// <summary>A server to load, with its requests written out beforehand.</summary>
internal sealed record Target(string Name, IPEndPoint Address, string Path, string Prefix, string Key)
{
    public ReadOnlyMemory<byte> Whole => Request("chat", stream: false);

    public ReadOnlyMemory<byte> Stream => Request("chat", stream: true);

    public ReadOnlyMemory<byte> Slow => Request("slow", stream: true);

    private byte[] Request(string model, bool stream)
    {
        var options = stream ? "\"stream\":true,\"stream_options\":{\"include_usage\":true}," : "";
        var body = $$"""{"model":"{{Prefix}}{{model}}",{{options}}"max_tokens":256,"temperature":0.7,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Hello, how are you today?"}]}""";
        return Encoding.UTF8.GetBytes(
            $"POST {Path} HTTP/1.1\r\nHost: {Address}\r\nAuthorization: Bearer {Key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
    }
}
