// Android's assets, out of a folder.
package android.content.res

import java.io.File
import java.io.FileInputStream
import java.io.InputStream

class AssetManager(private val folder: String) {
    fun open(name: String): InputStream = FileInputStream(File(folder, name))
}
